/** The issue of a live run: ended, or with its start label on or off, and no delivery said so. */
import { DEFAULT_PIPELINE } from '../../config/defaults.ts'
import { pipelineOf } from '../../config/labels.ts'
import { getIssue, type Issue } from '../../github/issues.ts'
import { removeLabel } from '../../github/labels.ts'
import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import type { Run } from '../../pipeline/model.ts'
import { STATE_LABEL_PREFIX } from '../../render/state-label.ts'
import { getRun } from '../../store/runs.ts'
import type { Store } from '../../store/store.ts'
import { currentConfiguration } from '../handle/configuration.ts'
import { handleIssueClosed } from '../handle/hints.ts'
import type { Intake } from '../handle/intake.ts'
import { isLabelMissed, noteLabelGoing, noteLabelTaken } from '../handle/start-withdrawn.ts'
import { NOBODY } from './installation.ts'
import type { Pass } from './pass.ts'
import type { ReconcileOptions } from './run.ts'

/** Closed or deleted ends the run, as its delivery would have; so does a start label that somebody else took off. */
export async function issueDiffers(intake: Intake, run: Run, pass: Pass, options: ReconcileOptions): Promise<boolean> {
  const { task } = run
  const issue = await getIssue(pass.octokit, repositoryOf(task.repository), task.number)
  if (issue !== null && (await labelDiffers(intake, run, issue, pass, options))) return true
  // A pull request's end is told by the pull request itself.
  if (issue?.state === 'open' || task.thread === 'pull') return false
  // What Switchyard itself closed ends no run.
  if (issue?.closedBy?.id === intake.identity.botId || !options.look.sure('issue')) return false
  const { installationId, repositoryId, number } = task
  const how = issue === null ? 'deleted' : 'closed'
  const actor = { ...(issue?.closedBy ?? NOBODY), type: 'User' } as const
  const intent = { type: 'issue-closed', installationId, repositoryId, number, how, actor } as const
  await handleIssueClosed(intake, intent, { delivery: `reconcile:${run.id}:${run.version}:issue`, index: 0 })
  const after = await getRun(intake.store.db, run.id)
  return after !== null && after.version !== run.version
}

/** A start label that is still on is taken off; one that is gone, and not by us, ends the run that it began (CMD-10). */
async function labelDiffers(
  { store, engine }: Intake,
  run: Run,
  issue: Issue,
  pass: Pass,
  { key, look }: ReconcileOptions,
): Promise<boolean> {
  const { task } = run
  const repository = repositoryOf(task.repository)
  const starts = await startLabelsOn(store, pass, run, issue)
  for (const { label, pipeline } of starts) {
    const own = (pipeline ?? DEFAULT_PIPELINE) === run.pipeline
    if (own) await noteLabelGoing(store.db, run.id)
    const taken = await removeLabel(pass.octokit, repository, task.number, label)
    if (own && taken) await noteLabelTaken(store.db, run.id)
  }
  if (starts.length > 0 || !(await isLabelMissed(store.db, run.id)) || !look.sure('label')) return false
  const trigger = { kind: 'github', what: 'start label removed' } as const
  const why = 'its start label was taken off'
  await engine.apply(run.id, key(run, 'label'), { type: 'command.stop', actor: NOBODY, trigger, why })
  return true
}

/** The start labels among an issue's. What they are called is asked only where there is a label that is not ours. */
async function startLabelsOn(
  store: Store,
  pass: Pass,
  { task }: Run,
  { labels }: Issue,
): Promise<{ label: string; pipeline: string | null }[]> {
  const others = labels.filter((label) => !label.startsWith(STATE_LABEL_PREFIX))
  if (others.length === 0) return []
  const repository = { id: task.repositoryId, fullName: task.repository }
  const { configuration } = await currentConfiguration(store, pass.octokit, repository)
  return others.flatMap((label) => {
    const pipeline = pipelineOf(label, configuration.labels)
    return pipeline === undefined ? [] : [{ label, pipeline }]
  })
}

/** Who closed an issue or pull request; null where nobody can tell. */
export async function closerOf(octokit: Octokit, repository: string, number: number): Promise<Issue['closedBy']> {
  return (await getIssue(octokit, repositoryOf(repository), number))?.closedBy ?? null
}
