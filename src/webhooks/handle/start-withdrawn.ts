import { DEFAULT_PIPELINE } from '../../config/defaults.ts'
import type { RunId } from '../../contract/ids.ts'
import type { Db } from '../../store/db.ts'
import { findLiveRun, getRun } from '../../store/runs.ts'
import { claimTrigger, isTriggerTaken } from '../../store/taken-triggers.ts'
import type { StartWithdrawnIntent } from '../intents.ts'
import { currentConfiguration } from './configuration.ts'
import { eventKey, type Intake, type Source } from './intake.ts'
import { isUnlistedBot } from './permission.ts'

/**
 * A start label that was still there was taken off: the run that it began ends (CMD-10). A label that Switchyard has taken
 * off itself belongs to that run no more: whoever puts it on again and takes it off says nothing about the run.
 */
export async function handleStartWithdrawn(intake: Intake, intent: StartWithdrawnIntent, source: Source): Promise<void> {
  const { store, engine, github } = intake
  const id = await findLiveRun(store.db, intent.repositoryId, intent.number)
  const run = id === null ? null : await getRun(store.db, id)
  if (run === null || run.pipeline !== (intent.pipeline ?? DEFAULT_PIPELINE)) return
  if (await isTriggerTaken(store.db, labelTaken(run.id))) return
  if (intent.actor.type !== 'User') {
    const octokit = await github.installation(intent.installationId)
    const repository = { id: intent.repositoryId, fullName: run.task.repository }
    const { configuration } = await currentConfiguration(store, octokit, repository)
    if (isUnlistedBot(intent.actor, configuration)) return
  }
  await engine.apply(run.id, eventKey(source), {
    type: 'command.stop',
    actor: { login: intent.actor.login, id: intent.actor.id },
    trigger: { kind: 'github', what: 'start label removed' },
    why: `the label ${intent.label} was taken off`,
  })
}

/** Keeps that a run was begun by a label that is still on. */
export async function noteLabelOn(db: Db, run: RunId): Promise<void> {
  await claimTrigger(db, labelOn(run))
}

/** Keeps that Switchyard is about to take a run's start label off: from now on that it is gone says nothing. */
export async function noteLabelGoing(db: Db, run: RunId): Promise<void> {
  await claimTrigger(db, labelGoing(run))
}

/** Whether a run's start label, where it is not on any more, was taken off by somebody else for certain. */
export async function isLabelMissed(db: Db, run: RunId): Promise<boolean> {
  if (!(await isTriggerTaken(db, labelOn(run)))) return false
  return !(await isTriggerTaken(db, labelGoing(run))) && !(await isTriggerTaken(db, labelTaken(run)))
}

/** Keeps that a run's start label was taken off by Switchyard itself. */
export async function noteLabelTaken(db: Db, run: RunId): Promise<void> {
  await claimTrigger(db, labelTaken(run))
}

function labelOn(run: RunId): string {
  return `start-label-on:${run}`
}

function labelGoing(run: RunId): string {
  return `start-label-going:${run}`
}

function labelTaken(run: RunId): string {
  return `start-label:${run}`
}
