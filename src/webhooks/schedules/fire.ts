/** One fire of a schedule: an issue is opened and a run started on it, once, whoever tries how often (SCH-1). */
import { quoted } from '../../config/nearest.ts'
import { RunId } from '../../contract/ids.ts'
import { answerTrigger } from '../../effects/answer.ts'
import { repositoryOf } from '../../github/octokit.ts'
import { isLive } from '../../pipeline/state.ts'
import { appendHistory } from '../../store/history.ts'
import { lockRun } from '../../store/runs.ts'
import { endFire, type FireRow, lastFireWithIssue, type ScheduleRow, schedulesOf } from '../../store/schedules.ts'
import { currentConfiguration } from '../handle/configuration.ts'
import { eventKey, type Intake, type Source } from '../handle/intake.ts'
import { startRun } from '../handle/start-run.ts'
import { noteLabelTaken } from '../handle/start-withdrawn.ts'
import { reach } from '../reconcile/repository.ts'
import { issueOfFire, scheduledTask } from './issue.ts'
import { isOn, keepSchedules } from './keep.ts'

/**
 * Does what a fire asks for; again after a crash it goes on where it was. Called under a lease of the schedule.
 *
 * @throws where GitHub cannot say now: the fire stays open
 */
export async function fireSchedule(intake: Intake, fire: FireRow): Promise<void> {
  const { store, github, identity, log, now } = intake
  const end = (state: 'skipped' | 'refused' | 'failed', why: string) => endFire(store.db, fire, { state, why }, now())
  const row = (await schedulesOf(store.db, fire.repositoryId)).find(({ name }) => name === fire.name)
  if (row === undefined) return end('skipped', 'The configuration does not have it any more.')
  const reached = await whereIs(intake, row)
  if (reached === null) return end('failed', `Switchyard has no access to ${row.repository} any more.`)
  const { installationId, info } = reached
  const octokit = await github.installation(installationId)
  const { fullName } = info
  const repository = { id: info.id, fullName, defaultBranch: info.defaultBranch, cloneUrl: info.cloneUrl }

  const current = await currentConfiguration(store, octokit, repository)
  if (!current.ok) return end('refused', 'The configuration of the repository is not good.')
  await keepSchedules(intake, { installationId, repository }, current.configuration)
  const schedule = current.configuration.schedules.find((each) => each.name === fire.name && isOn(each))
  if (schedule === undefined) return end('skipped', 'The configuration does not have it any more.')
  if (await skipWhileLive(intake, fire)) return

  const task = scheduledTask(schedule, fire.dueAt)
  const number = await issueOfFire(intake, octokit, fullName, fire, task)
  const trigger = { kind: 'schedule', name: fire.name } as const
  const source: Source = { delivery: `schedule:${fire.repositoryId}:${fire.name}:${fire.dueAt}`, index: 0 }
  const outcome = await startRun(
    intake,
    octokit,
    {
      installationId,
      repository,
      thread: 'issue',
      number,
      pipeline: schedule.pipeline ?? null,
      issue: {
        ...task,
        url: `${info.cloneUrl.replace(/\.git$/, '')}/issues/${number}`,
        author: identity.botLogin,
        state: 'open',
      },
      actor: { login: identity.botLogin, id: identity.botId, type: 'Bot' },
      trigger,
      asked: `the schedule ${fire.name}`,
    },
    source,
  )
  if (outcome.started) {
    // It was begun by the clock: no label says anything about it.
    await noteLabelTaken(store.db, outcome.run)
    await endFire(store.db, fire, { state: 'started', runId: outcome.run }, now())
    log.info({ repo: fullName, issue: number, run: outcome.run, schedule: fire.name }, 'Schedule started a run')
    return
  }
  const to = { repository: repositoryOf(fullName), number, trigger, key: eventKey(source), result: 'refused' } as const
  await answerTrigger(intake, octokit, { ...to, text: outcome.text })
  await end('refused', `The run was not begun: #${number} says why.`)
}

/** How the App reaches the repository now; null: not at all. */
async function whereIs({ github, ...intake }: Intake, { installationId, repositoryId, repository }: ScheduleRow) {
  const octokit = await github.installation(installationId)
  const reached = await reach({ ...intake, github }, octokit, { repositoryId, repository })
  if (reached === 'unknown') throw new Error(`GitHub does not show ${repository} now`)
  return reached
}

/** Leaves a fire out while the run of the time before still goes on, and says so in that run's history. */
async function skipWhileLive({ store, now }: Intake, fire: FireRow): Promise<boolean> {
  const last = await lastFireWithIssue(store.db, fire)
  if (last === null || last.runId === null) return false
  const id = RunId.parse(last.runId)
  return store.db.transaction(async (tx) => {
    const run = await lockRun(tx, id)
    if (run === null || !isLive(run)) return false
    const text = `The schedule ${quoted(fire.name)} came again and was left out, since this run still goes on`
    await appendHistory(tx, id, run.version, now(), [{ what: 'schedule.skipped', who: 'switchyard', text }])
    await endFire(tx, fire, { state: 'skipped', why: `The run of #${last.issue} still goes on.` }, now())
    return true
  })
}
