import { queuePlace } from '../../engine/queue-estimate.ts'
import { readWithLedger } from '../../gateway/with-ledger.ts'
import type { Octokit } from '../../github/octokit.ts'
import type { Run } from '../../pipeline/model.ts'
import { currentWait, hasCalls } from '../../pipeline/state.ts'
import { workingOf } from '../../pipeline/steps/workflow-data.ts'
import { renderStatusComment, statusMarker } from '../../render/status-comment.ts'
import { statusView } from '../../render/view.ts'
import { getJob } from '../../store/jobs.ts'
import { branchesOfRun, type ListedCall, listCalls } from '../../store/workflow-calls.ts'
import type { ShowDependencies } from '../dependencies.ts'
import { showMarkedComment } from './marked-comment.ts'
import { questionsUrl } from './questions-comment.ts'
import { wholeUrls } from './whole-texts.ts'

/** The projection under which the status comment is kept. */
export const STATUS_COMMENT = 'status-comment'

/** The one status comment of the run's thread, found by its hidden marker and edited in place (CMD-6). */
export async function showStatusComment(dependencies: ShowDependencies, octokit: Octokit, run: Run): Promise<void> {
  const body = dependencies.redactor.redact(await statusBody(dependencies, run))
  await showMarkedComment(dependencies, octokit, run, { key: STATUS_COMMENT, marker: statusMarker(run.id), body })
}

async function statusBody({ store, serverUrl, runUrl, now }: ShowDependencies, run: Run): Promise<string> {
  const wait = currentWait(run)
  const job = wait?.for === 'job' ? await getJob(store.db, wait.job) : null
  const queue = run.status.state === 'queued' ? await queuePlace(store.db, run) : null
  const shown = await readWithLedger(store.db, run)
  const view = statusView({
    run: shown.run,
    metered: shown.spent.some(({ costUsd }) => costUsd !== null),
    queue,
    progress: job?.progress ?? null,
    now: now(),
    serverUrl,
    dashboardUrl: runUrl(run.id),
    questionsUrl: await questionsUrl({ store }, run),
    calls: await newestCalls({ store }, run),
    kept: hasCalls(run) ? (await branchesOfRun(store.db, run.id)).kept : [],
    wholeUrls: await wholeUrls({ store }, run),
  })
  return renderStatusComment(view)
}

/** The calls of the run's newest dynamic workflow, while it works or has failed; what it gave back says the rest. */
async function newestCalls({ store }: Pick<ShowDependencies, 'store'>, run: Run): Promise<ListedCall[]> {
  const step = run.steps.findLast((each) => workingOf(each) !== null)
  const working = step === undefined ? null : workingOf(step)
  if (step === undefined || working === null) return []
  return listCalls(store.db, { run: run.id, step: step.id, journal: working.journal })
}
