/** The journal of a workflow with a real store and a real interpreter: told twice, told after a pause, told an edited script. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jobId, type RunId } from '../../src/contract/ids.ts'
import { JobLimits, type JobResult, type JobSpec } from '../../src/contract/job.ts'
import { advanceWorkflow } from '../../src/effects/advance-workflow.ts'
import { createLiveScripts, type LiveScripts } from '../../src/effects/workflow/live-scripts.ts'
import { createScriptOpener } from '../../src/effects/workflow/open-script.ts'
import { replayCount } from '../../src/effects/workflow/replay-count.ts'
import type { EffectOf } from '../../src/pipeline/effects.ts'
import type { RunEventOf } from '../../src/pipeline/events.ts'
import type { Run } from '../../src/pipeline/model.ts'
import type { Working } from '../../src/pipeline/steps/workflow-data.ts'
import type { CallSettled } from '../../src/pipeline/workflow.ts'
import { buildJobSpec } from '../../src/roles/job-spec.ts'
import { loadRoles } from '../../src/roles/load-roles.ts'
import { insertJob, startJob, storeResult } from '../../src/store/jobs.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { callHasJob, readJournal } from '../../src/store/workflow-calls.ts'
import { keepScripts } from '../../src/store/workflow-scripts.ts'
import { aRun, aStep, stepId } from '../support/core/build.ts'
import { failedJob, reported } from '../support/core/results.ts'

const script = (body: string) => `export const meta = { name: 'swarm', description: 'For tests.' }
export default async function ({ agent, parallel, log }) {
${body}
}
`
const THREE = script(`const seen = await parallel([1, 2, 3].map((n) => () => agent('Look at ' + n, { label: 'look ' + n })))
log('seen ' + seen)
return agent('Sum up ' + seen)`)

const openScript = createScriptOpener()

const ROLES = { default: { runtime: { name: 'command' }, limits: JobLimits.parse({}), instructions: '' } }

let folder: string
let store: Store
let roles: Awaited<ReturnType<typeof loadRoles>>
let runs = 0
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'switchyard-journal-'))
  store = await openStore({ dataDir: folder, log: pino({ level: 'silent' }) })
  roles = await loadRoles()
})
afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true, maxRetries: 3 })
})

/** A run whose workflow has this script, and everything that a test does with it. */
async function scene(source: string, more: { callsAtOnce?: number } = {}) {
  runs += 1
  const step = stepId('swarm')
  const base = aRun({ steps: [aStep('workflow', 'swarm', { workflow: 'swarm' })] })
  const id = `flow${runs}` as RunId
  const live = createLiveScripts()
  let data: Working = {
    phase: 'working',
    journal: 1,
    session: 1,
    calls: [],
    checkpoints: [],
    settled: [],
    advancing: null,
    phases: [],
    open: 0,
    logged: 0,
    replayed: 0,
    halt: null,
  }
  let hashes = await keepScripts(store.db, { swarm: source })
  const run = (): Run => ({
    ...base,
    id,
    settings: { ...base.settings, roles: ROLES, workflows: hashes },
    steps: base.steps.map((each) => ({
      ...each,
      data,
      status: { state: 'active', wait: { for: 'calls', jobs: [], effect: 'e' } },
    })),
  })
  const key = { run: id, step, journal: 1 }
  const advanceWith = (liveScripts: LiveScripts) => {
    const knownRoles = new Set(roles.byName.keys())
    const handler = advanceWorkflow({ store, liveScripts, openScript, knownRoles, now: () => 1, ...more })
    return async (settled: CallSettled[] = [], again = false): Promise<RunEventOf<'workflow.advanced'>> => {
      const effect: EffectOf<'advance-workflow'> = { kind: 'advance-workflow', id: 'e', step, journal: 1, settled, again }
      const event = await handler(effect, run())
      if (event?.type !== 'workflow.advanced') throw new Error('it was not answered')
      return event
    }
  }
  const advance = advanceWith(live)
  return {
    key,
    live,
    advance,
    run,
    /** Another process over the same store. */
    elsewhere: () => {
      const theirs = createLiveScripts()
      return { live: theirs, advance: advanceWith(theirs) }
    },
    journal: () => readJournal(store.db, key),
    edit: async (other: string) => {
      hashes = await keepScripts(store.db, { swarm: other })
      data = { ...data, session: data.session + 1 }
    },
    begunAgain: () => {
      data = { ...data, session: data.session + 1 }
    },
    /** A job does the call, and its result is stored. */
    async work(index: number, result: JobResult): Promise<CallSettled> {
      const epoch = 100 + index + 1_000 * (await readJournal(store.db, key)).filter(({ job }) => job !== null).length
      const job = jobId(id, step, epoch)
      const author = { name: 'Switchyard', email: 's@example.org' }
      const rest = { assignment: null, evidence: null, session: 'fresh', mergesBase: false } as const
      const effect = {
        kind: 'enqueue-job',
        id: `${job}-enqueue`,
        job,
        step,
        epoch,
        role: 'researcher',
        mode: 'explore',
        ...rest,
      } as const
      const spec: JobSpec = buildJobSpec({
        run: run(),
        effect,
        roles,
        nonce: 'n'.repeat(32),
        allowedHosts: ['github.com'],
        author,
      })
      await insertJob(store.db, spec, 1)
      await callHasJob(store.db, key, index, job)
      await startJob(store.db, job, 'runner-1')
      await storeResult(store.db, job, 1, result)
      const why = result.status === 'failed' ? result.failure.message : null
      return { index, job, answer: null, by: null, why }
    },
  }
}

const said = (summary: string) => reported({ summary })
const indices = ({ start }: RunEventOf<'workflow.advanced'>) => start.map(({ index }) => index)

describe('[WF-3] the journal', () => {
  test('an effect that is carried out twice answers the same, also by a process that never saw the script', async () => {
    const on = await scene(THREE)
    expect(indices(await on.advance())).toEqual([0, 1, 2])
    const ends = [await on.work(1, said('two')), await on.work(0, said('one')), await on.work(2, said('three'))]
    const first = await on.advance(ends)
    expect(indices(first)).toEqual([3])
    expect(first.log).toEqual(['seen one,two,three'])
    await on.live.close()
    expect(await on.advance(ends)).toEqual(first)
    expect((await on.journal()).map(({ position }) => position)).toEqual([2, 1, 3, null])
    await on.live.close()
  })

  test('what came in while nobody listened counts when it begins again; what failed is made anew with what followed from it', async () => {
    const on = await scene(THREE)
    await on.advance()
    const failed = await on.work(1, failedJob('agent'))
    expect((await on.advance([failed])).log).toEqual([expect.stringContaining('look 2: gave nothing: it did not work')])
    await on.advance([await on.work(0, said('one')), await on.work(2, said('three'))])
    expect((await on.journal()).map(({ state }) => state)).toEqual(['done', 'failed', 'done', 'asked'])
    // Its job ends during the pause: it was asked for after the failure was told, so it is not taken over.
    await on.work(3, said('sum without two'))
    on.begunAgain()
    const again = await on.advance([], true)
    expect(again.replayed).toBe(2)
    expect(indices(again)).toEqual([1])
    expect((await on.journal()).map(({ state }) => state)).toEqual(['done', 'asked', 'done'])
    expect(indices(await on.advance([await on.work(1, said('two'))]))).toEqual([3])
    await on.live.close()
  })

  test('a result that arrived during a pause is taken over', async () => {
    const on = await scene(THREE)
    await on.advance()
    for (const index of [0, 1, 2]) await on.work(index, said(`${index}`))
    on.begunAgain()
    const again = await on.advance([], true)
    expect(indices(again)).toEqual([3])
    expect(again.replayed).toBe(3)
    await on.live.close()
  })

  test('a job of before does not take its place back, however late it comes', async () => {
    const on = await scene(THREE)
    await on.advance()
    const jobs = [jobId(on.key.run, on.key.step, 9), jobId(on.key.run, on.key.step, 10)] as const
    for (const job of [...jobs, jobs[0]]) await callHasJob(store.db, on.key, 0, job)
    expect((await on.journal())[0]?.job).toBe(jobs[1])
    await on.live.close()
  })

  test('an edited script keeps its longest unchanged prefix, and the count is known before', async () => {
    const on = await scene(THREE)
    await on.advance()
    await on.advance(await Promise.all([0, 1, 2].map(async (index) => on.work(index, said(`${index}`)))))
    const other = THREE.replace('[1, 2, 3]', '[1, 2, 4]')
    const [step] = on.run().steps
    if (step === undefined) throw new Error('no step')
    expect(await replayCount(store.db, openScript, on.run(), step, { swarm: other })).toBe(2)
    await on.edit(other)
    const again = await on.advance([], true)
    expect(again.replayed).toBe(2)
    expect(indices(again)).toEqual([2])
    expect((await on.journal()).map(({ prompt }) => prompt)).toEqual(['Look at 1', 'Look at 2', 'Look at 4'])
    await on.live.close()
  })
})

describe('[WF-3] an edited script', () => {
  const SEEN = "const seen = await parallel([1, 2].map((n) => () => agent('Look at ' + n)))\n"

  test('that asks for less has nothing done that only its old version asked for', async () => {
    const on = await scene(script(`${SEEN}return seen`))
    await on.advance()
    await on.advance([await on.work(0, said('one'))])
    await on.edit(script("return agent('Look at 1')"))
    const again = await on.advance([], true)
    expect(again).toMatchObject({ start: [], replayed: 1, script: { state: 'done', text: 'one' } })
    expect((await on.journal()).map(({ prompt }) => prompt)).toEqual(['Look at 1'])
    await on.live.close()
  })

  test('that asks for the same in another order is told what stands before the first difference', async () => {
    const on = await scene(script(`${SEEN}return seen`))
    await on.advance()
    // The second ended first, and in the new version it is asked for after the first.
    const ends = [await on.work(1, said('two')), await on.work(0, said('one'))]
    await on.advance(ends)
    await on.edit(script("const one = await agent('Look at 1')\nreturn [one, await agent('Look at 2')]"))
    const again = await on.advance([], true)
    expect(again).toMatchObject({ start: [{ index: 1 }], replayed: 1, script: { state: 'waiting' } })
    expect(await on.advance([await on.work(1, said('two again'))])).toMatchObject({ script: { state: 'done' } })
    await on.live.close()
  })

  test('that breaks takes nothing from the journal: mended, it goes on from all of it', async () => {
    const on = await scene(script(`${SEEN}return agent('Sum up ' + seen)`))
    await on.advance()
    await on.advance([await on.work(0, said('one')), await on.work(1, said('two'))])
    await on.edit(script('throw new Error("slip")'))
    expect((await on.advance([], true)).script).toMatchObject({ state: 'failed' })
    expect(await on.journal()).toHaveLength(3)
    await on.edit(script(`${SEEN}return agent('Sum up ' + seen)`))
    expect(await on.advance([], true)).toMatchObject({ replayed: 2, start: [{ index: 2 }] })
    await on.live.close()
  })
})

describe('the cache of scripts', () => {
  test('a process that had the script catches up with what another one did meanwhile', async () => {
    const on = await scene(THREE)
    const other = on.elsewhere()
    await on.advance()
    const first = await on.work(1, said('two'))
    await other.advance([first])
    const rest = [await on.work(0, said('one')), await on.work(2, said('three'))]
    const event = await on.advance(rest)
    expect(indices(event)).toEqual([3])
    expect((await on.journal()).map(({ position, after }) => [position, after])).toEqual([
      [2, 0],
      [1, 0],
      [3, 0],
      [null, 3],
    ])
    expect(await other.advance(rest)).toEqual(event)
    await other.live.close()
    await on.live.close()
  })
})

describe('what a script asks for', () => {
  test('[WF-4] what cannot be isolated fails before it begins, and the script goes on', async () => {
    const on = await scene(
      script(`const it = await agent('Change it', { isolation: 'worktree', repositories: ['acme/docs'] })
return it === null ? 'nothing' : 'something'`),
    )
    const event = await on.advance()
    expect(event.start).toEqual([])
    expect(event.script).toMatchObject({ state: 'done', text: 'nothing' })
    expect((await on.journal())[0]).toMatchObject({ state: 'failed', job: null, why: expect.stringContaining('acme/docs') })
    await on.live.close()
  })

  test.each([
    ["{ role: 'poet' }", /there is no role "poet"/],
    ["{ repositories: ['acme/else'] }", /acme\/else is no repository of this run/],
  ])('[WF-2] %s ends the workflow, with what there is', async (options, words) => {
    const on = await scene(script(`return agent('Go', ${options})`))
    await expect(on.advance()).rejects.toMatchObject({ failure: { cause: 'config', message: expect.stringMatching(words) } })
    await on.live.close()
  })

  test('[WF-2] no more begin than the deployment lets work at the same time', async () => {
    const on = await scene(script("return parallel([1, 2, 3, 4].map((n) => () => agent('Look at ' + n)))"), { callsAtOnce: 3 })
    expect(indices(await on.advance())).toEqual([0, 1, 2])
    await on.live.close()
  })

  test('[WF-2] a thousand calls are written down at once, and sixteen begin', async () => {
    const many = (count: number) =>
      script(`return parallel(Array.from({ length: ${count} }, (_, n) => () => agent('Look at ' + n)))`)
    const on = await scene(many(1_000))
    const event = await on.advance()
    expect(event.start).toHaveLength(16)
    expect(event.script).toEqual({ state: 'waiting', open: 1_000 })
    expect(event.phases).toEqual([{ title: 'Calls', asked: 1_000, done: 0, failed: 0 }])
    await on.live.close()
    const beyond = await scene(many(1_001))
    expect((await beyond.advance()).script).toMatchObject({ state: 'failed', failure: { cause: 'config' } })
    expect(await beyond.journal()).toEqual([])
    await beyond.live.close()
  })
})
