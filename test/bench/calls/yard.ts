/** Everything that a workflow's calls go through in an app, but GitHub: engine, effects, journal, store and queue. */
import pino from 'pino'
import { RunId } from '../../../src/contract/ids.ts'
import { JobLimits } from '../../../src/contract/job.ts'
import { type AdvanceDependencies, advanceWorkflow } from '../../../src/effects/advance-workflow.ts'
import { enqueueJob } from '../../../src/effects/enqueue-job.ts'
import { createLiveScripts } from '../../../src/effects/workflow/live-scripts.ts'
import { createScriptOpener } from '../../../src/effects/workflow/open-script.ts'
import { createEffectRunner, type EffectHandlers } from '../../../src/engine/effects.ts'
import { createEngine } from '../../../src/engine/engine.ts'
import type { EffectOf } from '../../../src/pipeline/effects.ts'
import { Run } from '../../../src/pipeline/model.ts'
import { workingOf } from '../../../src/pipeline/steps/workflow-data.ts'
import { loadRoles } from '../../../src/roles/load-roles.ts'
import { startJob, storeResult } from '../../../src/store/jobs.ts'
import { createLeases } from '../../../src/store/leases.ts'
import { keepScripts } from '../../../src/store/workflow-scripts.ts'
import { type Combination, clearPlace, makePlace, openQueuesAt, openStoreAt } from '../../conformance/combinations.ts'
import { aRun, aStep } from '../../support/core/build.ts'
import { worked } from '../../support/core/results.ts'
import { timed } from '../measure.ts'

/** As an app and a runner with a place for each call have it. */
const EFFECTS_AT_ONCE = 8
const CALLS_AT_ONCE = 16
/** `DEBOUNCE_MS`, left out. */
const SHOW_DELAY_MS = 2_000

const SOURCE = `export const meta = { name: 'bench', description: 'Asks for many agents.' }
export default async function ({ agent, parallel, phase }) {
  phase('Work')
  const results = await parallel(Array.from({ length: COUNT }, (_, n) => () => agent('Do the thing number ' + n, { label: 'thing ' + n })))
  return results.filter((result) => result !== null).length + ' done'
}
`
const ROLES = { default: { runtime: { name: 'command' }, limits: JobLimits.parse({}), instructions: '' } }

/** A workflow that has ended. */
export interface Ended {
  /** From its admission to its end, in ms. */
  tookMs: number
  /** The run as it was when its workflow began, from which its journal can be replayed. */
  begun: Run
}

export interface CallYard {
  /** Runs a workflow of so many calls, each of an agent that returns at once. */
  work(calls: number): Promise<Ended>
  /** How long it takes to go on with a journal in which every call has ended, by a process that does not know the script; ms. */
  replay(ended: Ended, calls: number): Promise<number>
  close(): Promise<void>
}

export async function openCallYard(combination: Combination, onDisk: boolean): Promise<CallYard> {
  const log = pino({ level: 'silent' })
  const now = Date.now
  const place = await makePlace(combination, { folder: onDisk && combination.store === 'pglite' })
  const store = await openStoreAt(place)
  const queues = await openQueuesAt(place, store)
  const engine = createEngine({ store, queue: queues, now, log, showDelayMs: SHOW_DELAY_MS })
  const leases = createLeases(store)
  const roles = await loadRoles()
  const liveScripts = createLiveScripts()
  const openScript = createScriptOpener()
  const knownRoles = new Set(roles.byName.keys())
  const advancing: AdvanceDependencies = { store, liveScripts, openScript, knownRoles, now }
  const ends = new Map<RunId, (run: Run) => void>()
  const author = { name: 'Switchyard', email: 'switchyard@example.org' }
  const handlers: EffectHandlers = {
    ...WITHOUT_GITHUB,
    'enqueue-job': enqueueJob({
      ...{ store, roles, author, now },
      addJob: queues.addJob,
      allowedHosts: ['github.com'],
      makeNonce: () => 'n'.repeat(32),
    }),
    'advance-workflow': advanceWorkflow(advancing),
    'finish-issue': async (_effect, run) => {
      ends.get(run.id)?.(run)
      return null
    },
  }
  const { withLease } = leases
  const effects = createEffectRunner({ store, engine, handlers, queue: queues, blocked: async () => null, now, log, withLease })
  const effectWorker = queues.createWorker(
    'effects',
    async ({ effect }) => {
      const outcome = await effects.run(effect)
      if (outcome.kind === 'again') throw new Error(outcome.failure.message)
    },
    { concurrency: EFFECTS_AT_ONCE },
  )
  const runner = queues.createWorker(
    'jobs',
    async ({ id, run }) => {
      const started = await startJob(store.db, id, 'bench')
      if (started === null) return
      const result = worked()
      await engine.apply(run, `result:${id}`, { type: 'job.finished', job: id, result }, async (tx) => {
        await storeResult(tx, id, started.start, result)
      })
    },
    { concurrency: CALLS_AT_ONCE },
  )
  await Promise.all([effectWorker.ready(), runner.ready()])
  let runs = 0

  return {
    async work(calls) {
      runs += 1
      const workflows = await keepScripts(store.db, { bench: SOURCE.replace('COUNT', String(calls)) })
      const made = aRun({ steps: [aStep('workflow', 'bench', { workflow: 'bench' })], settings: { roles: ROLES, workflows } })
      const id = RunId.parse(`calls${runs}`)
      await engine.create(Run.parse({ ...made, id, task: { ...made.task, number: runs } }), { priority: false, text: '' })
      const ended = new Promise<Run>((resolve) => ends.set(id, resolve))
      const started = performance.now()
      const { run: begun } = await engine.apply(id, 'admitted', { type: 'run.admitted' })
      const { status, steps } = await ended
      const tookMs = performance.now() - started
      ends.delete(id)
      const output = steps[0]?.output
      if (begun === null || output?.kind !== 'workflow' || output.text !== `${calls} done`)
        throw new Error(`The workflow ended as ${JSON.stringify(status)}.`)
      return { tookMs, begun }
    },
    async replay({ begun }, calls) {
      const [step] = begun.steps
      const working = step === undefined ? null : workingOf(step)
      if (step === undefined || working === null) throw new Error('The workflow had not begun.')
      const fresh = createLiveScripts()
      const advance = advanceWorkflow({ ...advancing, liveScripts: fresh })
      const { journal } = working
      const effect: EffectOf<'advance-workflow'> = {
        kind: 'advance-workflow',
        id: 'replay',
        step: step.id,
        journal,
        settled: [],
        again: true,
      }
      const took = await timed(async () => {
        const event = await advance(effect, begun)
        if (event?.type !== 'workflow.advanced' || event.replayed !== calls || event.script.state !== 'done')
          throw new Error(`The journal was replayed as ${JSON.stringify(event)}.`)
      })
      await fresh.close()
      return took
    },
    async close() {
      await queues.close()
      await liveScripts.close()
      await leases.close()
      await store.close()
      await clearPlace(place)
    },
  }
}

/** What an app would show and ask on GitHub; none of it belongs to a call. */
const nothing = async () => null
const WITHOUT_GITHUB: Omit<EffectHandlers, 'enqueue-job' | 'advance-workflow' | 'finish-issue'> = {
  'cancel-job': nothing,
  'open-pulls': nothing,
  'ask-checks': nothing,
  'ask-pulls': nothing,
  'merge-pull': nothing,
  'rerun-checks': nothing,
  'ask-reviews': nothing,
  'answer-threads': nothing,
  'file-ticket': nothing,
  'file-follow-up': nothing,
  'create-deployments': nothing,
  'ask-deployments': nothing,
  'ask-release': nothing,
  'open-reverts': nothing,
  'withdraw-merge': nothing,
  show: nothing,
  notify: nothing,
  answer: nothing,
  'clean-up': nothing,
}
