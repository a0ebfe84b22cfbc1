import { loadEngine } from '../../src/workflow/engine.ts'
import type { Json } from '../../src/workflow/json.ts'
import { WorkflowLimits } from '../../src/workflow/limits.ts'
import { type LocalInterpreter, openLocal, type Script } from '../../src/workflow/local-interpreter.ts'
import type { Progress, WorkflowInterpreter } from '../../src/workflow/progress.ts'
import { createTeller } from '../../src/workflow/tell.ts'

const engine = loadEngine()

/** A script of this body, which is handed everything; the body's first line is line 3. */
export function scriptOf(body: string, name = 'test'): string {
  return `export const meta = { name: '${name}', description: 'A test.' }
export default async function ({ agent, parallel, pipeline, phase, log, checkpoint, workflow, collect, budget, args }) {
${body}
}
`
}

export interface Given extends Partial<Omit<Script, 'limits'>> {
  limits?: Partial<WorkflowLimits>
}

/** An interpreter in this thread, of a script of this body. */
export function open(body: string, given: Given = {}): Promise<LocalInterpreter> {
  return openScript(scriptOf(body), given)
}

export async function openScript(source: string, { limits, ...given }: Given = {}): Promise<LocalInterpreter> {
  return openLocal(await engine, {
    name: 'test',
    source,
    args: {},
    workflows: {},
    budget: { total: null, spent: 0 },
    limits: WorkflowLimits.parse(limits ?? {}),
    ...given,
  })
}

/** The same as an interpreter of a thread of its own looks: quicker to open, and as well for what is no attack. */
export async function openHere(body: string, given: Given = {}): Promise<WorkflowInterpreter> {
  const local = await open(body, given)
  const teller = createTeller(local)
  return {
    start: async () => teller.start(),
    tell: async (telling) => teller.tell(telling),
    dispose: async () => local.dispose(),
  }
}

/** How a script that asks for nothing ends. */
export async function run(body: string, given: Given = {}): Promise<Progress> {
  const interpreter = await open(body, given)
  try {
    return interpreter.start()
  } finally {
    interpreter.dispose()
  }
}

/** Goes on until the script is over, each call answered by `answer`, one at a time in the order asked. */
export function finish(interpreter: LocalInterpreter, answer: (prompt: string, index: number) => Json): Progress {
  let progress = interpreter.start()
  const log = [...progress.log]
  const left = [...progress.calls]
  for (let call = left.shift(); call !== undefined && progress.state === 'waiting'; call = left.shift()) {
    progress = interpreter.settle([{ index: call.index, result: answer(call.prompt, call.index) }])
    left.push(...progress.calls)
    log.push(...progress.log)
  }
  return { ...progress, log }
}
