/**
 * Who pays for a call: the job and its run, as much of them as its calls are judged and counted by, read in one statement.
 * Both are large documents (prompts, reports, what every step yielded), and this is asked twice for every call of a model.
 */
import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type JobId, RunId, StepId } from '../contract/ids.ts'
import { JobSpec } from '../contract/job.ts'
import { Run, RunStatus, Wait } from '../pipeline/model.ts'
import { Budgets, RunSettings } from '../pipeline/run-settings.ts'
import { awaitedJobs } from '../pipeline/state.ts'
import type { Db } from '../store/db.ts'
import { jobs } from '../store/tables/jobs.ts'
import { modelCalls } from '../store/tables/model-calls.ts'
import { runs } from '../store/tables/runs.ts'
import type { PayingJob, PayingRun } from './accounts.ts'

export interface Payer {
  readonly job: PayingJob
  readonly run: PayingRun
  /** Whether this start of the job may still call models: it has the job, nobody stopped it, and its run waits for it. */
  atWork(start: number): boolean
}

/** A call as it was written down before it was made. None of it changes afterwards. */
export interface OpenedCall {
  readonly id: string
  readonly model: string
  /** Null where the model is not metered. */
  readonly reservedUsd: number | null
}

const Documents = z.object({
  role: JobSpec.shape.role,
  runtime: JobSpec.shape.runtime,
  purse: JobSpec.shape.purse.unwrap().nullable(),
  budgets: Budgets.nullable(),
  models: RunSettings.shape.models.unwrap().nullable(),
  budget: Run.shape.budget.unwrap().nullable(),
  state: z.enum(RunStatus.options.map(({ shape }) => shape.state.value)),
  wait: Wait.nullable(),
})

/** The wait of the step that is being worked on. */
const ACTIVE_WAIT = '$.steps[*].status ? (@.state == "active").wait'

const paying = {
  runId: jobs.runId,
  step: jobs.step,
  jobState: jobs.state,
  start: jobs.start,
  cancel: jobs.cancel,
  repositoryId: runs.repositoryId,
  installationId: runs.installationId,
  requesterId: runs.requesterId,
  documents: sql<unknown>`jsonb_build_object(
    'role', ${jobs.spec} -> 'role', 'runtime', ${jobs.spec} -> 'runtime', 'purse', ${jobs.spec} -> 'purse',
    'budgets', ${runs.data} #> '{settings,budgets}', 'models', ${runs.data} #> '{settings,models}', 'budget', ${runs.data} -> 'budget',
    'state', ${runs.data} #> '{status,state}', 'wait', jsonb_path_query_first(${runs.data}, ${ACTIVE_WAIT}))`,
}

/** The payer of a job's calls; null where there is no such job. */
export async function payerOf(db: Db, job: JobId): Promise<Payer | null> {
  const [found] = await db.select(paying).from(jobs).innerJoin(runs, eq(runs.id, jobs.runId)).where(eq(jobs.id, job))
  return found === undefined ? null : payer(job, found)
}

/** The payer of a job's calls, with one of these; `call` is null where the job made none of this id. */
export async function payerOfCall(db: Db, job: JobId, id: string): Promise<{ payer: Payer; call: OpenedCall | null } | null> {
  const [found] = await db
    .select({ ...paying, model: modelCalls.model, reservedUsd: modelCalls.reservedUsd })
    .from(jobs)
    .innerJoin(runs, eq(runs.id, jobs.runId))
    .leftJoin(modelCalls, and(eq(modelCalls.jobId, jobs.id), eq(modelCalls.id, id)))
    .where(eq(jobs.id, job))
  if (found === undefined) return null
  const { model, reservedUsd } = found
  return { payer: payer(job, found), call: model === null ? null : { id, model, reservedUsd } }
}

interface Row {
  runId: string
  step: string
  jobState: string
  start: number
  cancel: string | null
  repositoryId: number
  installationId: number
  requesterId: number
  documents: unknown
}

function payer(id: JobId, row: Row): Payer {
  const { role, runtime, purse, budgets, models, budget, state, wait } = Documents.parse(row.documents)
  const current = row.jobState === 'running' && row.cancel === null
  const wanted = state === 'active' && awaitedJobs(wait).includes(id)
  return {
    job: { id, step: StepId.parse(row.step), role, runtime, ...(purse === null ? {} : { purse }) },
    run: {
      id: RunId.parse(row.runId),
      task: { repositoryId: row.repositoryId, installationId: row.installationId, requestedBy: { id: row.requesterId } },
      settings: { budgets: budgets ?? {}, ...(models === null ? {} : { models }) },
      ...(budget === null ? {} : { budget }),
    },
    atWork: (start) => current && wanted && row.start === start,
  }
}
