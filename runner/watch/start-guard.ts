import type { Failure } from '../../src/contract/failure.ts'
import type { JobGuard } from '../../src/contract/job-guard.ts'
import type { AgentEvent } from '../agents/runtime.ts'
import { GUARD_START, guardStep, withEdit } from './guard.ts'

/** After so many calls without an edit the files are looked at, so that they can be compared later. */
const BASELINE_AT_CALLS = 5

/** Watches what an agent does. The first limit that is passed owns the cause; later ones are silent. */
export interface Guard {
  event(event: AgentEvent): void
  stop(): void
}

export interface GuardOptions {
  readonly limits: JobGuard
  readonly mode: 'explore' | 'code'
  /**
   * A text that differs when the work's files differ: an agent may edit by a shell alone, which its events do not tell.
   * Absent where there is nothing to edit.
   */
  readonly filesMark?: (() => Promise<string>) | undefined
}

/** Starts watching. `expired` is called at most once. */
export function startGuard({ limits, mode, filesMark }: GuardOptions, expired: (failure: Failure) => void): Guard {
  let state = GUARD_START
  let done = false
  let looking = false
  let baseline: Promise<string | null> | null = null

  function expire(failure: Failure): void {
    if (done) return
    done = true
    expired(failure)
  }
  /** What cannot be told is null, and counts as a change: a guard's own failure stops nobody. */
  function look(): Promise<string | null> {
    return filesMark === undefined ? Promise.resolve('') : filesMark().catch(() => null)
  }
  async function unlessEdited(failure: Failure): Promise<void> {
    if (looking) return
    looking = true
    const [before, now] = await Promise.all([baseline, look()])
    looking = false
    if (before === now && now !== null) return expire(failure)
    state = withEdit(state)
  }
  return {
    event(event) {
      if (done) return
      const { callsWithoutEdit } = state
      const { state: next, verdict } = guardStep(state, event, limits, mode)
      state = next
      if (mode === 'code' && callsWithoutEdit < BASELINE_AT_CALLS && next.callsWithoutEdit >= BASELINE_AT_CALLS)
        baseline = look()
      if (verdict === null) return
      if (verdict.unseen) void unlessEdited(verdict.failure)
      else expire(verdict.failure)
    },
    stop() {
      done = true
    },
  }
}
