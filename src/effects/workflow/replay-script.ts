import type { JournalEntry } from '../../store/workflow-calls.ts'
import { Json } from '../../workflow/json.ts'
import { Budget } from '../../workflow/progress.ts'
import type { Ending, LiveScript, Replayed } from './live-script.ts'

/** Tells a script of every settlement of these entries after the one it was told of last, in their order. */
export async function replayScript(script: LiveScript, entries: readonly JournalEntry[]): Promise<Replayed> {
  const known: string[] = []
  for (const { index, identity } of entries) known[index] = identity
  const endings = entries
    .flatMap((entry) => endingOf(entry) ?? [])
    .filter(({ position }) => position > script.told)
    .toSorted((a, b) => a.position - b.position)
  return script.tell(endings, known)
}

function endingOf({ index, position, state, result, why, budget }: JournalEntry): Ending | null {
  if (position === null) return null
  const money = Budget.safeParse(budget)
  return {
    index,
    position,
    state: state === 'done' ? 'done' : 'failed',
    result: state === 'done' ? Json.parse(result) : null,
    ...(why === null ? {} : { why }),
    ...(money.success ? { budget: money.data } : {}),
  }
}
