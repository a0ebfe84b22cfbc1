import type { StoredCall } from '../../store/workflow-calls.ts'
import { Json } from '../../workflow/json.ts'
import { Budget, type Settled } from '../../workflow/progress.ts'
import type { LiveScript } from './live-scripts.ts'

/** What came of telling a script what the journal has. */
export interface Replayed {
  /** The first call that the script makes otherwise than the journal has it; null: there is none. */
  liveFrom: number | null
  /** Settlements that it was told of. */
  told: number
}

/**
 * Tells a script of every settlement after the one it was told of last, in their order. Where it makes another call than the
 * journal has at that place, neither that one's result nor any later one's is told (WF-3): every call before was made by the
 * time at which the difference shows, so what was told is the longest unchanged prefix.
 */
export async function replayScript(script: LiveScript, journal: readonly StoredCall[]): Promise<Replayed> {
  const identities = new Map(journal.map(({ index, identity }) => [index, identity]))
  const firstOther = (): number | null => {
    const other = script.calls.find(({ call }) => (identities.get(call.index) ?? call.identity) !== call.identity)
    return other?.call.index ?? null
  }
  const entries = journal
    .flatMap((call) => (call.position === null ? [] : [{ ...call, position: call.position }]))
    .toSorted((a, b) => a.position - b.position)
  let liveFrom = firstOther()
  let told = 0
  for (const entry of entries) {
    if (liveFrom !== null && entry.index >= liveFrom) continue
    if (!script.calls.some(({ call }) => call.index === entry.index)) {
      // It does not make this call at all any more.
      liveFrom = Math.min(liveFrom ?? entry.index, entry.index)
      continue
    }
    told += 1
    if (entry.position <= script.told) continue
    await script.tell(entry.position, settledOf(entry))
    liveFrom = firstOther()
  }
  return { liveFrom, told }
}

function settledOf({ index, state, result, why, budget }: StoredCall): Settled {
  const money = Budget.safeParse(budget)
  return {
    index,
    result: state === 'done' ? Json.parse(result) : null,
    ...(why === null ? {} : { why }),
    ...(money.success ? { budget: money.data } : {}),
  }
}
