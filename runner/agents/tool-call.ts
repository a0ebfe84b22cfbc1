import { createHash } from 'node:crypto'
import { commandKind } from './command-kind.ts'
import type { AgentEvent, ToolKind } from './runtime.ts'

const DETAIL_MAX_CHARS = 200
/** Length of a call's digest, in characters: enough that two calls of one job do not share it by chance. */
const DIGEST_CHARS = 22
/** Fields of a tool's input that tell people best what it is about, best first. */
const TELLING_FIELDS = [
  'command',
  'cmd',
  'file_path',
  'filePath',
  'notebook_path',
  'pattern',
  'url',
  'query',
  'description',
  'path',
] as const

/** A runtime's own names of its tools, and what kind each is of; a name that is not there is of the kind `other`. */
export type ToolKinds = ReadonlyMap<string, ToolKind>

/**
 * The beginning of a tool call as an event, from what a runtime's stream tells of it. A tool of the kind `command` is looked
 * into: what only reads or searches, or asks the web, is of that kind.
 */
export function toolStart(
  tool: { readonly id: string; readonly name: string; readonly input: Readonly<Record<string, unknown>> },
  kinds: ToolKinds,
): AgentEvent {
  const { id, name, input } = tool
  const listed = kinds.get(name) ?? 'other'
  const command = listed === 'command' ? commandOf(input) : undefined
  return {
    type: 'tool-start',
    id,
    name,
    kind: command === undefined ? listed : commandKind(command),
    detail: shortLine(command ?? telling(input)),
    // What surrounds a command (its description, its time-out) differs from one try to the next.
    call: callDigest(name, command?.trim() ?? JSON.stringify(input)),
  }
}

/** By which the same call is known again, however long its input is. */
export function callDigest(name: string, input: string): string {
  return createHash('sha256').update(`${name}\0${input}`).digest('base64url').slice(0, DIGEST_CHARS)
}

/** The first line of a text, short enough for people. */
export function shortLine(text: string): string {
  const line = text.trimStart().split('\n', 1)[0] ?? ''
  return line.length <= DETAIL_MAX_CHARS ? line : `${line.slice(0, DETAIL_MAX_CHARS - 1)}…`
}

/** The command of a shell tool, which is a text or a list of a program and its arguments. */
function commandOf(input: Readonly<Record<string, unknown>>): string | undefined {
  const value = input.command ?? input.cmd
  if (typeof value === 'string') return value
  if (!Array.isArray(value) || !value.every((word: unknown) => typeof word === 'string')) return undefined
  return value.map((word: string) => (/\s/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : word)).join(' ')
}

function telling(input: Readonly<Record<string, unknown>>): string {
  for (const field of TELLING_FIELDS) {
    const value = input[field]
    if (typeof value === 'string') return value
  }
  return ''
}

/** The text of a tool's result, which is a string or a list of blocks. */
export function resultText(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  const first: unknown = content.find((block: unknown) => typeof block === 'object' && block !== null && 'text' in block)
  if (typeof first !== 'object' || first === null || !('text' in first)) return ''
  return typeof first.text === 'string' ? first.text : ''
}
