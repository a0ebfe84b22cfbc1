/** What is written of check runs while a run goes to and fro: few requests, and never one that says too much. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { showCheckRuns } from '../../src/effects/show/check-runs.ts'
import type { Leg, Run } from '../../src/pipeline/model.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { API } from '../github-client/connect.ts'
import { type Story, story } from '../support/example-runs.ts'
import { LEG, type Stage, startStage } from './stage.ts'

let stage: Stage
let store: Store
beforeAll(async () => {
  stage = await startStage()
  store = await openStore({ log: stage.dependencies.log })
})
afterAll(async () => {
  await store.close()
  await stage.on.stop()
})

/** The story's run as one of this GitHub: its one leg is there, with this head and pull request. */
function at({ run }: Story, leg: Partial<Leg>): Run {
  const own = run.legs.filter(({ key }) => key === LEG).map((each) => ({ ...each, ...leg }))
  return { ...run, id: `${run.id}${leg.head?.slice(0, 6)}` as Run['id'], legs: own }
}

/** Shows it, and gives the writes that it took. */
async function show(run: Run): Promise<string[]> {
  const { github } = stage.dependencies
  const dependencies = { ...stage.dependencies, store, serverUrl: 'https://github.example', runUrl: () => null }
  const { writes } = await github.writes.during(() => showCheckRuns(dependencies, stage.on.octokit, run))
  return [...writes.byRoute].map(([route, count]) => `${count} ${route.split(' ')[0]}`)
}

function standing(head: string): Record<string, string | null> {
  const found = stage.on.local.inspect().checks(API, head)
  return Object.fromEntries(
    found.map(({ name, status, conclusion }) => [name.replace('switchyard / ', ''), conclusion ?? status]),
  )
}

describe('[CMD-8] check runs on GitHub', () => {
  it('what came out at a head stays while a stage works again there, and is carried over to the next head once', async () => {
    const leg = await stage.pull()
    const { head } = leg
    const id = at(story('reviewing'), leg).id
    expect(await show(at(story('reviewing'), leg))).toEqual(['3 POST'])
    expect(standing(head)).toEqual({ plan: 'success', code: 'success', 'change set': 'in_progress' })
    expect(await show(at(story('reviewing'), leg))).toEqual([])
    // Sent back: the coder works again, the head is the same, and so is what is true of it.
    expect(await show(at(story('reworking'), leg))).toEqual([])
    expect(standing(head)).toMatchObject({ code: 'success' })

    const next = await stage.push()
    const moved = { ...at(story('reviewing again'), { ...leg, head: next.head }), id }
    expect(await show(moved)).toEqual(['3 POST'])
    expect(standing(next.head)).toEqual({ plan: 'success', code: 'success', 'change set': 'in_progress' })
  })

  it('one that failed is taken back as soon as it is tried again, with its buttons', async () => {
    const leg = await stage.pull()
    const { head } = leg
    const tale = story('reviewing').fail(1)
    await show(at(tale, leg))
    expect(standing(head)).toMatchObject({ review: 'timed_out', 'change set': 'failure' })
    const again = tale.after(1, { type: 'command.retry', actor: { login: 'mona', id: 5 }, trigger: { kind: 'dashboard' } })
    expect(await show(at(again, leg))).toEqual(['2 PATCH'])
    expect(standing(head)).toMatchObject({ review: 'in_progress', 'change set': 'in_progress', code: 'success' })
  })
})
