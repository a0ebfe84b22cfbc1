import { crashPoint } from '../contract/crash-point.ts'
import { SwitchyardError } from '../contract/failure.ts'
import type { JobSpec } from '../contract/job.ts'
import type { EffectHandler } from '../engine/effects.ts'
import type { EffectOf } from '../pipeline/effects.ts'
import type { Run } from '../pipeline/model.ts'
import { buildJobSpec } from '../roles/job-spec.ts'
import type { Roles } from '../roles/role.ts'
import { getJob, insertJob, jobsOfRun } from '../store/jobs.ts'
import type { Store } from '../store/store.ts'
import { callHasJob } from '../store/workflow-calls.ts'
import { callOf } from './workflow/job-call.ts'

/** A session older than this is not gone on with, in ms: its context is stale and the vendor's cache is gone. */
export const SESSION_MAX_AGE_MS = 2 * 60 * 60_000

export interface EnqueueJobDependencies {
  store: Store
  /** Puts a job into the queue under its own id; there already, nothing happens. */
  addJob(spec: JobSpec, turn: number): Promise<void>
  roles: Roles
  allowedHosts: string[]
  author: JobSpec['author']
  makeNonce(): string
  now(): number
}

/** Puts an agent job into the queue. The spec is built once and kept: a second execution sends the very same. */
export function enqueueJob(dependencies: EnqueueJobDependencies): EffectHandler<'enqueue-job'> {
  const { store, addJob } = dependencies
  return async (effect, run) => {
    const known = await getJob(store.db, effect.job)
    const { spec, turn } = known ?? (await writeDown(dependencies, effect, await makeSpec(dependencies, effect, run)))
    crashPoint('job-enqueued')
    await addJob(spec, turn)
    return null
  }
}

async function writeDown(
  { store, now }: EnqueueJobDependencies,
  { call, step }: EffectOf<'enqueue-job'>,
  spec: JobSpec,
): Promise<{ spec: JobSpec; turn: number }> {
  const inserted = await store.db.transaction(async (tx) => {
    if (call !== undefined) await callHasJob(tx, { run: spec.run, step, journal: call.journal }, call.index, spec.id)
    return insertJob(tx, spec, now())
  })
  if (inserted === null) throw new SwitchyardError({ cause: 'internal', message: `The job ${spec.id} was written down twice.` })
  return { spec, turn: inserted.turn }
}

async function makeSpec(dependencies: EnqueueJobDependencies, effect: EffectOf<'enqueue-job'>, run: Run): Promise<JobSpec> {
  const { roles, allowedHosts, author, makeNonce } = dependencies
  const [resume, call] = await Promise.all([sessionOf(dependencies, effect, run), callOf(dependencies.store.db, effect, run)])
  return buildJobSpec({
    run,
    effect,
    roles,
    nonce: makeNonce(),
    allowedHosts,
    author,
    ...(resume === null ? {} : { resume }),
    ...(call === null ? {} : { call }),
  })
}

/** The session of the step's last job in the same role, young enough to go on in; none where a fresh one is asked for. */
async function sessionOf(
  { store, now }: EnqueueJobDependencies,
  effect: EffectOf<'enqueue-job'>,
  run: Run,
): Promise<NonNullable<JobSpec['resume']> | null> {
  if (effect.session === 'fresh') return null
  const earlier = (await jobsOfRun(store.db, run.id)).findLast((job) => job.step === effect.step && job.state === 'over')
  if (earlier === undefined || earlier.endedAt === null || now() - earlier.endedAt > SESSION_MAX_AGE_MS) return null
  const job = await getJob(store.db, earlier.id)
  const session = job?.result?.session
  return job === null || session === undefined || job.spec.role !== effect.role ? null : { job: job.id, session }
}
