import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Stage, startStage } from '../../../test/effects/stage.ts'
import { API } from '../../../test/github-client/connect.ts'
import { emptyStore } from '../../../test/support/empty-store.ts'
import { createScriptOpener } from '../../effects/workflow/open-script.ts'
import { createEngine } from '../../engine/engine.ts'
import type { Leg, Run, Step } from '../../pipeline/model.ts'
import type { MergeData } from '../../pipeline/steps/merge-data.ts'
import { openStore } from '../../store/open-store.ts'
import { getRun } from '../../store/runs.ts'
import type { Store } from '../../store/store.ts'
import { handlePullChanged } from './hints.ts'
import type { Intake } from './intake.ts'

let stage: Stage
let store: Store
beforeAll(async () => {
  stage = await startStage()
  store = await openStore({ log: stage.dependencies.log })
})
beforeEach(() => emptyStore(store))
afterAll(async () => {
  await store.close()
  await stage.on.stop()
})

const memory = { word: null, assessment: null, autos: [], thrown: [] }

/** A live run that adopted this pull request and is at its merge step. */
function adopted(leg: Partial<Leg> & { pull: NonNullable<Leg['pull']> }, phase: (key: Leg['key']) => MergeData): Run {
  const run = stage.run(leg, { status: { state: 'active' } })
  const [only] = run.legs
  const [step] = run.steps
  if (only === undefined || step === undefined) throw new Error('unreachable')
  const wait = { for: 'mergeability', until: Date.now() + 60_000 } as const
  const data = phase(only.key)
  const merge: Step = {
    ...step,
    kind: 'merge',
    config: { ...step.config, kind: 'merge' },
    epoch: 1,
    status: { state: 'active', wait },
    data,
  }
  return { ...run, task: { ...run.task, thread: 'pull', number: leg.pull.number, url: leg.pull.url }, steps: [merge] }
}

/** The run after it was told that its pull request changed. */
async function told(run: Run): Promise<Run | null> {
  const nothing = async () => {}
  const queue = { addEffects: nothing, addTimers: nothing, nudgeAdmission: nothing }
  const engine = createEngine({ store, queue, now: Date.now, log: stage.dependencies.log, showDelayMs: 0 })
  await engine.create(run, { priority: false, text: '' })
  // What these handlers need of the deployment is nothing.
  const intake: Intake = {
    ...stage.dependencies,
    store,
    engine,
    openScript: createScriptOpener(),
    deployment: undefined as never,
  }
  const { repositoryId, installationId, number } = { ...run.task }
  const by = { login: 'github-merge-queue[bot]', id: 77, type: 'Bot' as const }
  await handlePullChanged(intake, { installationId, repositoryId, number, by }, { delivery: 'd', index: 0 })
  return getRun(store.db, run.id)
}

describe('a run on a pull request', () => {
  test.each(['queue', 'auto-merge'] as const)('goes on when it is merged by what the run itself left it to: %s', async (by) => {
    const leg = await stage.merge(await stage.pull())
    const pull = { ...leg.pull, state: 'open', mergedAt: null, mergeSha: null } as const
    const queued = (key: Leg['key']): MergeData => ({ phase: 'queued', queued: { leg: key, by }, ...memory })
    const run = await told(adopted({ ...leg, mergedSha: null, pull }, queued))
    expect(run?.status.state).not.toBe('stopped')
    expect(run?.legs[0]).toMatchObject({ mergedSha: leg.head, pull: { state: 'merged' } })
  })

  test('goes on when the merge that it called for is told late', async () => {
    const leg = await stage.merge(await stage.pull())
    const run = await told(adopted({ ...leg, pull: leg.pull }, () => ({ phase: 'idle', ...memory })))
    expect(run?.status.state).not.toBe('stopped')
  })

  const judged = (): MergeData => ({ phase: 'watching', why: '', asks: 1, ...memory })
  test('[CMD-10] ends when a person merges it', async () => {
    const leg = await stage.merge(await stage.pull())
    const pull = { ...leg.pull, state: 'open', mergedAt: null, mergeSha: null } as const
    const run = await told(adopted({ ...leg, mergedSha: null, pull }, judged))
    expect(run?.status).toMatchObject({ state: 'stopped', why: 'the pull request was merged' })
  })

  test('[CMD-10] ends when a person closes it, wherever it stands', async () => {
    const leg = await stage.pull()
    stage.on.local.as('wes').closePull(API, leg.pull.number)
    const run = await told(adopted(leg, (key) => ({ phase: 'queued', queued: { leg: key, by: 'queue' }, ...memory })))
    expect(run?.status).toMatchObject({ state: 'stopped', why: 'the pull request was closed' })
  })
})
