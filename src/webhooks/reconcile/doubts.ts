import type { RunId } from '../../contract/ids.ts'
import type { Instant } from '../../pipeline/model.ts'

/** What one look at a run doubts. */
export interface Look {
  /**
   * Notes a doubt about the run; true once it was there in an earlier look too. GitHub's answers lag behind and sometimes
   * say "not found" in passing, and a run that was stopped by mistake does not come back.
   */
  sure(what: string): boolean
  /** Notes how something stands; true where it stood differently at an earlier look, false at the first. */
  differs(what: string, digest: string): boolean
  /** Forgets what was noted earlier and is no more so. */
  end(): void
}

/** What the sweep keeps in mind between two looks; a process that starts anew doubts anew. */
export interface Doubts {
  look(run: RunId, at: Instant): Look
  /** Runs with a doubt that waits for its second look. */
  open(): ReadonlySet<RunId>
  /** Forgets runs that are over. */
  keep(live: ReadonlySet<RunId>): void
}

interface Noted {
  doubts: Map<string, Instant>
  digests: Map<string, string>
}

/** @param gapMs shortest time between the two looks of which the second is believed, in ms */
export function createDoubts(gapMs: number): Doubts {
  const noted = new Map<RunId, Noted>()
  return {
    look(run, at) {
      const before = noted.get(run)
      const now: Noted = { doubts: new Map(), digests: new Map() }
      return {
        sure(what) {
          const since = before?.doubts.get(what) ?? at
          now.doubts.set(what, since)
          return at - since >= gapMs
        },
        differs(what, digest) {
          const old = before?.digests.get(what)
          now.digests.set(what, digest)
          return old !== undefined && old !== digest
        },
        end() {
          if (now.doubts.size + now.digests.size === 0) noted.delete(run)
          else noted.set(run, now)
        },
      }
    },
    open: () => new Set([...noted].flatMap(([run, { doubts }]) => (doubts.size > 0 ? [run] : []))),
    keep(live) {
      for (const run of noted.keys()) if (!live.has(run)) noted.delete(run)
    },
  }
}
