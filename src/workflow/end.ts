import { JSException } from 'quickjs-wasi'
import { StepsUsedUp } from './engine.ts'
import { failureAt } from './failure-place.ts'
import type { GuestError, GuestTurn } from './guest-turn.ts'
import { parseJson } from './json.ts'
import type { WorkflowLimits } from './limits.ts'
import type { ScriptEnd, WorkflowFailure } from './progress.ts'

/** What the script threw. */
export function thrown({ message, stack, internal }: GuestError): ScriptEnd {
  return { state: 'failed', failure: failureAt(internal ? 'limit' : 'script', message, stack) }
}

/** How the script ended, as its kit tells it. */
export function endOf({ fatal, end }: GuestTurn): ScriptEnd | null {
  if (fatal !== null) return { state: 'failed', failure: failureAt(fatal.kind, fatal.message, fatal.stack) }
  if (end === null) return null
  if ('error' in end) return thrown(end.error)
  try {
    return { state: 'done', result: parseJson(end.result) }
  } catch (error) {
    return { state: 'failed', failure: failureAt('script', `The workflow's result is not taken: ${messageOf(error)}`, '') }
  }
}

/** What threw through the interpreter: it is of no use afterwards. */
export function brokenBy(error: unknown, limits: WorkflowLimits): WorkflowFailure {
  if (error instanceof StepsUsedUp) {
    return failureAt('limit', `The script used more than ${limits.steps} steps: does a loop not end?`, '')
  }
  if (error instanceof RangeError) return failureAt('limit', 'The script went deeper than the stack allows.', '')
  // QuickJS did not take the script, or had no memory left for the kit.
  if (error instanceof JSException)
    return failureAt('script', `${error.name}: ${error.message}`.slice(0, 2_000), error.stack ?? '')
  return failureAt('engine', `The script broke its interpreter: ${messageOf(error)}`.slice(0, 2_000), '')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
