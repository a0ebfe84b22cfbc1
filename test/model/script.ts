/** What a scripted model is told to do: in intents, not in any agent's words, so that one script serves every agent. */

/** Something to have done. How it is said to an agent is the agent's {@link ToolDialect}. */
export type Intent =
  | { do: 'write'; path: string; content: string }
  | { do: 'edit'; path: string; from: string; to: string }
  | { do: 'run'; command: string }
  | { do: 'todos'; items: { text: string; done: boolean }[] }
  /** Writes the job's report; path and nonce come from the agent's environment. */
  | { do: 'report'; report: Record<string, unknown> }

/** How an answer goes wrong. */
export type Misbehaviour =
  | { kind: 'status'; status: number; retryAfterSeconds?: number }
  /** The status by which this vendor says that it has too much to do: 529 or 503. */
  | { kind: 'overloaded' }
  /** The vendor's own refusal of a prompt that is longer than the model can take. */
  | { kind: 'context-overflow' }
  /** Begins to answer and never goes on, until the agent hangs up. */
  | { kind: 'stall' }
  /** The connection breaks in the middle of an event. */
  | { kind: 'torn' }
  /** The stream ends in order, but before the message does. */
  | { kind: 'truncated' }
  | { kind: 'malformed' }

export interface Tokens {
  input: number
  output: number
  cacheRead: number
}

/** One answer of the model. Without tools the agent's turn is over. */
export type Turn =
  | { say: string; tools?: Intent[]; tokens?: Tokens }
  | { misbehave: Misbehaviour }
  /** The same tool call, however often it is asked. */
  | { endless: Intent }

/** What an agent asked, in the words that all wire formats share. */
export interface ModelRequest {
  model: string
  stream: boolean
  /** What the agent's maker and its operator tell the model. */
  system: string
  /** Everything said before by others, oldest first; tool calls and results as JSON. */
  messages: { role: string; text: string }[]
  /** The tools that the agent offers. */
  tools: string[]
}

/** Turns are given one after the other; or a function chooses by what was asked. */
export type Script = readonly Turn[] | ((request: ModelRequest, nth: number) => Turn)

export interface ToolCall {
  id: string
  name: string
  input: Record<string, unknown>
}

/** How one coding agent names its tools. It is found by the tools that a request offers. */
export interface ToolDialect {
  /** The tools that this agent always offers, and no other agent offers together. */
  knownBy: readonly string[]
  calls(intent: Intent, offered: readonly string[]): Omit<ToolCall, 'id'>[]
}

/** A whole answer, before it is put into a wire format. */
export interface Reply {
  id: string
  text: string
  calls: ToolCall[]
  tokens: Tokens
}

/** How answers look on the wire: one file per format. */
export interface WireFormat {
  name: string
  /** The status for too much to do. */
  overloaded: number
  /** Whether the format answers this path; `count` is a question for the number of tokens only. */
  route(method: string, path: string): 'message' | 'count' | null
  read(path: string, body: unknown): ModelRequest
  whole(reply: Reply, request: ModelRequest): unknown
  /** The answer as events of a stream, each complete with its blank line. */
  frames(reply: Reply, request: ModelRequest): string[]
  /** Only where the format has such a question. */
  count?(request: ModelRequest): unknown
  error(status: number, message: string): unknown
  /** The refusal of a prompt that is too long for the model. */
  overflow(): { status: number; body: unknown }
}
