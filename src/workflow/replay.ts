import type { WorkflowCall } from './call.ts'
import type { JournalEntry, LogLine, Progress, Settled, WorkflowInterpreter } from './progress.ts'

export interface Replayed {
  /** As after `start`: `calls` are all that wait for a result, `log` all lines from the beginning. */
  progress: Progress
  /** How many calls cost nothing, since their results are known. */
  replayed: number
  /** The entries that the script was told again, in order: the journal that it goes on with. */
  kept: JournalEntry[]
  /** The first call that differs from the journal: it and all after it run live. Null where nothing differs. */
  liveFrom: number | null
}

export interface ReplayOptions {
  /** Calls that gave nothing are asked for once more. Left out: false, as after a crash, so that the script goes where it went. */
  retryFailures?: boolean
}

/**
 * Starts a script and tells it what it was told before, in the recorded order, as far as it asks for the same (WF-3).
 * Told one at a time in that order, an unchanged script asks for the same calls under the same indices. A call that the
 * journal does not have is no difference: it was on its way, and waits again.
 */
export async function replay(
  interpreter: WorkflowInterpreter,
  journal: readonly JournalEntry[],
  { retryFailures = false }: ReplayOptions = {},
): Promise<Replayed> {
  const known = new Map(journal.map(({ index, identity }) => [index, identity]))
  const waiting = new Map<number, WorkflowCall>()
  const log: LogLine[] = []
  let liveFrom: number | null = null
  const kept: JournalEntry[] = []

  function isLive(index: number): boolean {
    return liveFrom !== null && index >= liveFrom
  }

  function differsAt(index: number): void {
    if (!isLive(index)) liveFrom = index
  }

  function take(progress: Progress): void {
    log.push(...progress.log)
    for (const call of progress.calls) {
      waiting.set(call.index, call)
      const identity = known.get(call.index)
      if (identity !== undefined && identity !== call.identity) differsAt(call.index)
    }
  }

  let progress = await interpreter.start()
  take(progress)
  for (const entry of journal) {
    if (progress.state !== 'waiting') break
    if (isLive(entry.index) || (retryFailures && entry.result === null)) continue
    if (!waiting.delete(entry.index)) {
      differsAt(entry.index)
      continue
    }
    progress = await interpreter.settle([settledOf(entry)])
    kept.push(entry)
    take(progress)
  }
  const calls = progress.state === 'failed' ? [] : [...waiting.values()].sort((a, b) => a.index - b.index)
  return { progress: { ...progress, calls, log }, replayed: kept.length, kept, liveFrom }
}

function settledOf({ identity: _identity, ...settled }: JournalEntry): Settled {
  return settled
}
