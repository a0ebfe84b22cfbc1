/**
 * The `command` runtime: any program, by the protocol of docs/runtimes/command.md. The program is told everything by
 * environment variables and files, may print events as lines of JSON, and is judged by its exit code.
 */
import { SwitchyardError } from '../../src/contract/failure.ts'
import { AgentEventSchema } from './event-schema.ts'
import { type Line, lineReader, parseJson } from './json-lines.ts'
import { endInWords, failed } from './outcome.ts'
import { privateFolder } from './private-files.ts'
import type { AgentEvent, AgentTask, EventParser, Invocation, Outcome, ProcessEnd, Runtime } from './runtime.ts'
import { taskEnv } from './task-env.ts'

export const COMMAND_RUNTIME = 'command'

/** The runtime for any program that follows the protocol. It is always there; which program it is comes with each job. */
export function commandRuntime(): Runtime {
  return {
    name: COMMAND_RUNTIME,
    detect: async () => ({ name: COMMAND_RUNTIME, version: null, ready: true }),
    capabilities: {
      resume: true,
      systemPrompt: true,
      model: true,
      effort: true,
      usage: true,
      cost: true,
      command: true,
      tell: false,
    },
    invocation,
    parser,
    outcome,
  }
}

async function invocation(task: AgentTask): Promise<Invocation> {
  const [file, ...args] = task.command ?? []
  if (file === undefined) {
    throw new SwitchyardError({
      cause: 'config',
      message: 'The command runtime needs a command: set it as a list of program and arguments.',
    })
  }
  const sessionDir = await privateFolder(task.privateDir, 'session')
  return { file, args, env: environment(task, sessionDir), stdin: 'prompt', cwd: task.workDir }
}

function environment(task: AgentTask, sessionDir: string): Record<string, string> {
  return {
    ...taskEnv(task),
    SWITCHYARD_SESSION_DIR: sessionDir,
    ...(task.resume === undefined ? {} : { SWITCHYARD_RESUME: task.resume }),
    ...(task.model === undefined ? {} : { SWITCHYARD_MODEL: task.model }),
    ...(task.effort === undefined ? {} : { SWITCHYARD_EFFORT: task.effort }),
    ...(task.gateway === undefined
      ? {}
      : { SWITCHYARD_GATEWAY_URL: task.gateway.url, SWITCHYARD_GATEWAY_TOKEN: task.gateway.token }),
  }
}

function parser(): EventParser {
  const lines = lineReader()
  return {
    push: (chunk) => lines.push(chunk).flatMap(eventsOf),
    end: () => lines.end().flatMap(eventsOf),
  }
}

/** A line that is an event is that event, every other one is text. */
function eventsOf(line: Line): AgentEvent[] {
  if (line.kind === 'too-long') return [{ type: 'text', text: `(a line of ${line.bytes} bytes was left out)` }]
  const event = AgentEventSchema.safeParse(parseJson(line.text))
  if (event.success) return [event.data]
  return line.text.trim() === '' ? [] : [{ type: 'text', text: line.text }]
}

function outcome(end: ProcessEnd): Outcome {
  if (end.sawEnd !== null && !end.sawEnd.ok) {
    const { cause, message } = end.sawEnd.error ?? { cause: 'agent' as const, message: 'The program reported a failure.' }
    return failed(cause, message, end)
  }
  if (end.exitCode === 0) return { ok: true }
  return failed('agent', `The program ${endInWords(end)}.`, end)
}
