import { describe, expect, it } from 'vitest'
import { endOf, LOG_LINES } from './check-evidence.ts'
import type { ListedCheckRun } from './check-listing.ts'
import { newestRuns } from './newest-runs.ts'

function run(id: number, name: string, startedAt: string, appId = 1): ListedCheckRun {
  const nothing = { url: null, title: null, summary: null, text: null, annotations: 0, appSlug: null, suiteId: null }
  return { id, name, appId, startedAt, conclusion: 'success', ...nothing }
}

describe('the newest check run of each name', () => {
  it('is the one that started last, whatever the order of the list', () => {
    const runs = [run(2, 'test', '2026-01-02T00:00:00Z'), run(1, 'test', '2026-01-01T00:00:00Z'), run(3, 'lint', '')]
    const ids = (all: ListedCheckRun[]) => newestRuns(all).map((each) => each.id)
    expect(ids(runs)).toEqual([3, 2])
    expect(ids(runs.toReversed())).toEqual([3, 2])
  })

  it('is the later made where both started in the same second', () => {
    const at = '2026-01-01T00:00:00Z'
    expect(newestRuns([run(8, 'test', at), run(7, 'test', at)]).map((each) => each.id)).toEqual([8])
  })

  it('is one for each App: no App hides the failure of another', () => {
    const at = '2026-01-01T00:00:00Z'
    expect(newestRuns([run(1, 'test', at, 1), run(2, 'test', at, 2)])).toHaveLength(2)
  })
})

describe('the end of a log', () => {
  it('is its last lines', () => {
    const lines = Array.from({ length: LOG_LINES + 5 }, (_, index) => `line ${index}`)
    const end = endOf(`${lines.join('\n')}\n\n`)
    expect(end.split('\n')).toHaveLength(LOG_LINES)
    expect(end.startsWith('line 5\n')).toBe(true)
  })
})
