/**
 * The one interface between the runner and a coding agent. A runtime is a file beside this one and a line in
 * `registry.ts`; nothing outside this folder knows a runtime's name, its arguments or the words of its event stream.
 *
 * A runtime starts nothing itself: it says what to start ({@link Invocation}), reads what comes out ({@link EventParser})
 * and judges the end ({@link Runtime.outcome}). The runner owns the process, its group, its watchdogs and its sandbox.
 */
import type { OfferedRuntime } from '../../src/contract/api.ts'
import type { Cause, Failure } from '../../src/contract/failure.ts'
import type { Usage } from '../../src/contract/job.ts'

/**
 * What a tool does to the work, said by each runtime's parser for its own tools: `edit` changes files, `read` and `search`
 * only look, `web` asks the internet, `command` runs a program, `other` is everything else (to-do lists, agents of its own).
 */
export const TOOL_KINDS = ['edit', 'read', 'search', 'web', 'command', 'other'] as const
export type ToolKind = (typeof TOOL_KINDS)[number]

/** What an agent did, as its runtime's event stream tells it. Events that a runtime does not know are left out. */
export type AgentEvent =
  /** The session's id, with which a later process can go on. May come more than once. */
  | { type: 'session'; id: string }
  | { type: 'text'; text: string }
  /**
   * `name` is the agent's own word for the tool; `detail` is one short line for people; by `call`, a digest, the same call
   * is known again. Made by `toolStart` in `tool-call.ts`.
   */
  | { type: 'tool-start'; id: string; name: string; kind: ToolKind; detail: string; call: string }
  | { type: 'tool-end'; id: string; ok: boolean; detail: string }
  | { type: 'todos'; done: number; total: number }
  /** Cumulative for this process; what the runtime does not tell is absent. */
  | { type: 'usage'; usage: Usage }
  | EndEvent

/** The runtime's own terminal event. Its cause comes from fields of the event, never from its prose. */
export interface EndEvent {
  type: 'end'
  ok: boolean
  error?: { cause: Cause; message: string }
  /** The agent would go on all the same, trying again for minutes: it is to be stopped. */
  stop?: true
}

/** What an agent is started for. All paths are absolute. */
export interface AgentTask {
  workDir: string
  /** One per job, outside the checkout; it survives a repair and a resume of this job. */
  privateDir: string
  promptFile: string
  instructionsFile: string
  reportFile: string
  nonce: string
  role: string
  mode: 'explore' | 'code'
  model?: string
  effort?: 'low' | 'medium' | 'high'
  /** For the `command` runtime: the program and its arguments. */
  command?: string[]
  /** The id of the session to go on with. */
  resume?: string
  /** The allow-listed base: PATH, LANG, TERM, TZ, and HOME in the private folder. */
  env: Record<string, string>
  /** Where the model is to be asked, in place of the vendor. */
  gateway?: { url: string; token: string }
}

/** A process to start, without a shell. `stdin: 'prompt'` wants the prompt file's bytes on its standard input. */
export interface Invocation {
  file: string
  args: string[]
  env: Record<string, string>
  stdin: 'prompt' | 'none'
  cwd: string
  /** Folders that the program itself lies in, where that is not the system's: a sandbox shows them. */
  reads?: string[]
  /**
   * What the agent's files tell beyond its event stream; asked once, after the process has ended. Its events count as later
   * than those of the stream. Does not throw.
   */
  leftBehind?(seen: SeenEvents): Promise<AgentEvent[]>
}

/** What the event stream of a process told. */
export interface SeenEvents {
  session: string | null
  usage: Usage
  end: EndEvent | null
}

/** Turns the bytes of standard output into events. One per process; its memory is bounded whatever comes. */
export interface EventParser {
  push(chunk: Buffer): AgentEvent[]
  /** After the last byte: what an unfinished last line still yields. */
  end(): AgentEvent[]
}

/** What a runtime can do. What it cannot is said to people, never dropped. */
export interface Capabilities {
  resume: boolean
  /** Takes instructions apart from the prompt. */
  systemPrompt: boolean
  model: boolean
  effort: boolean
  usage: boolean
  cost: boolean
  /** Starts the program that the job names. */
  command: boolean
  /** Takes further messages while it works. */
  tell: boolean
}

/** How the process ended. `stderrTail` is evidence for people; it decides nothing. */
export interface ProcessEnd {
  exitCode: number | null
  signal: string | null
  sawEnd: EndEvent | null
  stderrTail: string
}

export type Outcome = { ok: true } | { ok: false; failure: Failure }

export interface Runtime {
  name: string
  /** Whether the runtime can be used here, its version, and if not, what is missing. Does not throw. */
  detect(): Promise<OfferedRuntime>
  capabilities: Capabilities
  /** What to start. Throws a `SwitchyardError` of cause `config` when the task lacks what the runtime needs. */
  invocation(task: AgentTask): Promise<Invocation>
  parser(): EventParser
  /** Judges by the terminal event and the exit code alone. */
  outcome(end: ProcessEnd): Outcome
}

/** What a runtime is made with. */
export interface RuntimeOptions {
  /** The runner's own environment. */
  env: Readonly<Record<string, string | undefined>>
  /** The folder that `runner/agents/install.ts` fills. */
  toolsDir: string
}
