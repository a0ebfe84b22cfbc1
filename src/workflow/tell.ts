/**
 * Tells a script of many endings in one go, where the script is: a journal of a thousand calls crosses the border of the
 * thread once, and not a thousand times.
 */
import type { LocalInterpreter } from './local-interpreter.ts'
import type { Progress, Telling, Told } from './progress.ts'

/** A script that is told, and that remembers which calls it made. */
export interface Teller {
  start(): Progress
  /** `onEach` is called after every ending that the script was told of. */
  tell(telling: Telling, onEach?: () => void): Told
}

/**
 * Endings are told in their order. Where the script makes another call than `known` has under that index, neither that one's
 * ending nor any later one's is told (WF-3): every call before was made by the time at which the difference shows, so what was
 * told is the longest unchanged prefix.
 */
export function createTeller(interpreter: LocalInterpreter): Teller {
  /** By index. */
  const made: string[] = []
  let last: Progress = { state: 'waiting', calls: [], log: [], phase: null }

  function take(progress: Progress): Progress {
    for (const { index, identity } of progress.calls) made[index] = identity
    last = progress
    return progress
  }

  return {
    start: () => take(interpreter.start()),
    tell({ endings, known }, onEach) {
      const calls: Told['calls'] = []
      const log: Progress['log'] = []
      const heard: number[] = []
      let checked = 0
      let liveFrom: number | null = null
      const differsFrom = (index: number): void => {
        liveFrom = Math.min(liveFrom ?? index, index)
      }
      const compare = (): void => {
        for (; checked < made.length; checked += 1) {
          if ((known[checked] ?? made[checked]) !== made[checked]) differsFrom(checked)
        }
      }
      compare()
      for (const [place, ending] of endings.entries()) {
        if (liveFrom !== null && ending.index >= liveFrom) continue
        if (made[ending.index] === undefined) {
          // It does not make this call at all any more, or later than it did.
          differsFrom(ending.index)
          continue
        }
        heard.push(place)
        // A script that has ended hears nothing any more; what it did not wait for is nobody's.
        if (last.state !== 'waiting') continue
        const progress = take(interpreter.settle([ending]))
        calls.push(...progress.calls.map((call) => ({ call, after: place })))
        log.push(...progress.log)
        compare()
        onEach?.()
      }
      return { ...last, calls, log, heard, liveFrom }
    },
  }
}
