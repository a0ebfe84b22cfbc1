/**
 * The record that Codex keeps of a session (`sessions/<year>/<month>/<day>/rollout-<time>-<id>.jsonl` in its home). It tells
 * two things that the event stream does not: why a turn failed in a word instead of a sentence, and the tokens so far at
 * any time, so that those of an earlier process can be taken off. The agent can write it, like everything in its home.
 */
import type { Cause } from '../../src/contract/failure.ts'
import type { Usage } from '../../src/contract/job.ts'
import { listInside, readTailInside } from '../safe-file.ts'
import { type CodexErrorInfo, type CodexTokens, RolloutLine } from './codex-schema.ts'
import { parseJson } from './json-lines.ts'
import type { AgentEvent, EndEvent, SeenEvents } from './runtime.ts'

/** How much of the record's end is read, in bytes: the last lines tell. */
const TAIL_BYTES = 1024 * 1024
const RATE_LIMITED = 429
const MESSAGE_MAX_CHARS = 2_000
/** Failures of Codex's own, not of the talk with the model. */
const OWN_FAILURES: ReadonlySet<string> = new Set(['sandbox_error', 'thread_rollback_failed', 'active_turn_not_steerable'])

/** What a session's record says last. */
export interface RolloutEnd {
  tokens: CodexTokens | undefined
  error: { message: string; info: CodexErrorInfo | undefined } | undefined
}

/** The end of a session's record, or null where it has none that can be read. Does not throw. */
export async function rolloutEnd(codexHome: string, session: string): Promise<RolloutEnd | null> {
  try {
    const file = await rolloutFile(codexHome, session)
    const tail = file === null ? null : await readTailInside(codexHome, file, TAIL_BYTES)
    return tail === null ? null : endOf(tail.toString('utf8'))
  } catch {
    return null
  }
}

/** What the record adds to what the stream of a process told that began when the record ended with `before`. */
export function rolloutEvents(seen: SeenEvents, before: RolloutEnd | null, after: RolloutEnd): AgentEvent[] {
  const used = usageBetween(before, after)
  const usage: AgentEvent[] = used === undefined ? [] : [{ type: 'usage', usage: { ...seen.usage, ...used } }]
  // An error that the record ends with may be an earlier process's.
  return seen.end?.ok === false ? [...usage, ...failureOf(after)] : usage
}

async function rolloutFile(codexHome: string, session: string): Promise<string | null> {
  for (const year of await newestFirst(codexHome, 'sessions')) {
    for (const month of await newestFirst(codexHome, year)) {
      for (const day of await newestFirst(codexHome, month)) {
        const found = (await newestFirst(codexHome, day)).find((file) => file.endsWith(`-${session}.jsonl`))
        if (found !== undefined) return found
      }
    }
  }
  return null
}

async function newestFirst(root: string, folder: string): Promise<string[]> {
  const names = await listInside(root, folder)
  return names
    .sort()
    .reverse()
    .map((name) => `${folder}/${name}`)
}

function endOf(tail: string): RolloutEnd {
  const end: RolloutEnd = { tokens: undefined, error: undefined }
  for (const text of tail.split('\n')) {
    const line = RolloutLine.safeParse(parseJson(text))
    if (!line.success) continue
    const { payload } = line.data
    if (payload.type === 'token_count') end.tokens = payload.info?.total_token_usage ?? end.tokens
    else
      end.error = payload.error
        ? { message: payload.error.message, info: payload.error.codex_error_info ?? undefined }
        : undefined
  }
  return end
}

/** Unknown where an earlier process used tokens and nobody knows how many. */
function usageBetween(before: RolloutEnd | null, after: RolloutEnd): Usage | undefined {
  if (after.tokens === undefined) return undefined
  const none = { input_tokens: 0, cached_input_tokens: 0, output_tokens: 0 }
  const from = before === null ? none : before.tokens
  if (from === undefined) return undefined
  const since = (field: keyof CodexTokens) => Math.max(0, (after.tokens?.[field] ?? 0) - from[field])
  return {
    inputTokens: Math.max(0, since('input_tokens') - since('cached_input_tokens')),
    outputTokens: since('output_tokens'),
    cacheReadTokens: since('cached_input_tokens'),
  }
}

function failureOf({ error }: RolloutEnd): EndEvent[] {
  if (error === undefined) return []
  return [
    {
      type: 'end',
      ok: false,
      error: { cause: causeOf(error.info), message: error.message.slice(0, MESSAGE_MAX_CHARS) },
    },
  ]
}

/** By the word and the status that the record carries, never by its sentence. */
function causeOf(info: CodexErrorInfo | undefined): Cause {
  if (info === undefined) return 'model'
  if (info.status === RATE_LIMITED || info.kind === 'usage_limit_exceeded') return 'rate-limit'
  return OWN_FAILURES.has(info.kind) ? 'agent' : 'model'
}
