import type { Cause } from '../../src/contract/failure.ts'
import type { Outcome, ProcessEnd } from './runtime.ts'

/** Longest piece of standard error kept as evidence, in characters. */
const DETAIL_MAX_CHARS = 4_000
const MESSAGE_MAX_CHARS = 2_000

/** A failed outcome with the end of standard error as evidence. */
export function failed(cause: Cause, message: string, end: ProcessEnd): Outcome {
  const detail = end.stderrTail.trim().slice(-DETAIL_MAX_CHARS)
  const failure = { cause, message: message.slice(0, MESSAGE_MAX_CHARS) }
  return { ok: false, failure: detail === '' ? failure : { ...failure, detail } }
}

/** How a process ended, in words for people. */
export function endInWords(end: ProcessEnd): string {
  if (end.signal !== null) return `was ended by ${end.signal}`
  if (end.exitCode === null) return 'ended without an exit code'
  return `exited with code ${end.exitCode}`
}

/** The outcome of an agent whose event stream has a terminal event: by that event and the exit code, not by words. */
export function outcomeOf(agent: string, end: ProcessEnd): Outcome {
  if (end.sawEnd === null) return failed('agent', `${agent} ${endInWords(end)} without saying how its work ended.`, end)
  if (!end.sawEnd.ok) {
    const { cause, message } = end.sawEnd.error ?? { cause: 'agent' as const, message: `${agent} reported a failure.` }
    return failed(cause, message, end)
  }
  if (end.exitCode === 0) return { ok: true }
  return failed('agent', `${agent} ${endInWords(end)} after its work had ended.`, end)
}
