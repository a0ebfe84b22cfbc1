/**
 * A coding agent without a model, for the `command` runtime: it does what a script says, and in roles that the script does
 * not know what leads on (`role-defaults.ts`).
 * `node test/agents/scripted-agent.ts SCRIPT.json`, or the script's path in SWITCHYARD_SCRIPT. See `agent-script.ts`.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import process from 'node:process'
import { z } from 'zod'
import type { AgentEvent } from '../../runner/agents/runtime.ts'
import { callDigest } from '../../runner/agents/tool-call.ts'
import { type Action, AgentScript, type When } from './agent-script.ts'
import { roleDefault } from './role-defaults.ts'
import { type Job, perform } from './scripted-actions.ts'

const NO_MATCH_EXIT_CODE = 64
/** Actions that do not count as using a tool. */
const SILENT: ReadonlySet<Action['do']> = new Set(['emit', 'print', 'exit', 'crash', 'hang', 'no-report'])

const EDITS: ReadonlySet<Action['do']> = new Set(['write', 'append', 'replace', 'delete'])

const Environment = z.object({
  SWITCHYARD_PROMPT_FILE: z.string(),
  SWITCHYARD_REPORT_FILE: z.string(),
  SWITCHYARD_NONCE: z.string(),
  SWITCHYARD_ROLE: z.string(),
  SWITCHYARD_MODE: z.string(),
  SWITCHYARD_RESUME: z.string().optional(),
})
type Environment = z.infer<typeof Environment>

async function main(): Promise<number> {
  const scriptFile = process.argv[2] ?? process.env.SWITCHYARD_SCRIPT
  if (scriptFile === undefined) throw new Error('no script: give its path as the argument or in SWITCHYARD_SCRIPT')
  const env = Environment.parse(process.env)
  const script = AgentScript.parse(JSON.parse(await readFile(scriptFile, 'utf8')))
  const prompt = await readFile(env.SWITCHYARD_PROMPT_FILE, 'utf8')
  emit({ type: 'session', id: env.SWITCHYARD_RESUME ?? sessionFor(env.SWITCHYARD_NONCE) })

  const call = script.calls.find(({ when }) => holds(when, env, prompt))
  const actions = call?.actions ?? roleDefault(env.SWITCHYARD_ROLE, prompt)
  if (actions === undefined) {
    console.error(`No call of the script is for role ${env.SWITCHYARD_ROLE} and this prompt.`)
    return NO_MATCH_EXIT_CODE
  }
  const job = { workDir: process.cwd(), reportFile: env.SWITCHYARD_REPORT_FILE, nonce: env.SWITCHYARD_NONCE, prompt, emit }
  for (const [index, action] of actions.entries()) {
    const after = SILENT.has(action.do) ? await perform(action, job) : await asTool(`action-${index}`, action, job)
    if (after !== undefined) return after.exit
  }
  emit({ type: 'end', ok: true })
  return 0
}

async function asTool(id: string, action: Action, job: Job) {
  const detail = 'path' in action ? action.path : 'argv' in action ? action.argv.join(' ') : ''
  const kind = EDITS.has(action.do) ? 'edit' : 'command'
  emit({ type: 'tool-start', id, name: action.do, kind, detail, call: callDigest(action.do, JSON.stringify(action)) })
  try {
    const after = await perform(action, job)
    emit({ type: 'tool-end', id, ok: true, detail: '' })
    return after
  } catch (error) {
    emit({ type: 'tool-end', id, ok: false, detail: String(error) })
    throw error
  }
}

function holds(when: When, env: Environment, prompt: string): boolean {
  const here = (path: string) => existsSync(resolve(process.cwd(), path))
  return (
    (when.role === undefined || when.role === env.SWITCHYARD_ROLE) &&
    (when.mode === undefined || when.mode === env.SWITCHYARD_MODE) &&
    (when.resumed === undefined || when.resumed === (env.SWITCHYARD_RESUME !== undefined)) &&
    (when.promptIncludes ?? []).every((text) => prompt.includes(text)) &&
    !(when.promptLacks ?? []).some((text) => prompt.includes(text)) &&
    (when.fileExists === undefined || here(when.fileExists)) &&
    (when.fileLacks === undefined || !here(when.fileLacks))
  )
}

/** The same job has the same session, however often it is started. */
function sessionFor(nonce: string): string {
  return `scripted-${createHash('sha256').update(nonce).digest('hex').slice(0, 16)}`
}

function emit(event: AgentEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}

process.exitCode = await main()
