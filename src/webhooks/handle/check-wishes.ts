/**
 * What people ask of the App's own checks: a button, or running one again (CMD-8). A check is known by what we called it,
 * and its buttons count only while the run offers them, at the head that they stand on: nobody merges what they did not see.
 */
import { commandOfControl } from '../../commands/checkbox.ts'
import type { Command } from '../../commands/command.ts'
import { RunId, StepId } from '../../contract/ids.ts'
import { checkKey } from '../../effects/show/check-runs.ts'
import type { Leg, Run } from '../../pipeline/model.ts'
import { activeStep } from '../../pipeline/state.ts'
import type { Trigger } from '../../pipeline/task.ts'
import { renderCheckRuns } from '../../render/check-run.ts'
import { gateWords } from '../../render/gate-words.ts'
import { getProjection, putProjection } from '../../store/projections.ts'
import { findLatestLegByHead, findLegsByHead } from '../../store/run-legs.ts'
import { getRun } from '../../store/runs.ts'
import type { CheckButtonIntent, CheckRerequestedIntent } from '../intents.ts'
import { currentConfiguration } from './configuration.ts'
import { eventKey, type Intake, type Source } from './intake.ts'
import { type Conversation, perform, type Said } from './perform.ts'
import { isUnlistedBot } from './permission.ts'

const EXTERNAL_ID = /^switchyard:([a-z0-9]{4,26}):(?:step:([a-z][a-z0-9-]{0,60})|change-set)$/

/** What a person reruns is called by GitHub's own word. */
const RERUN = 'rerequested'

type Wish = CheckButtonIntent | CheckRerequestedIntent

/** A run's leg whose pull request the check stands on; `step` is null for the change set's, or where all are meant. */
interface Checked {
  run: Run
  leg: Leg & { pull: NonNullable<Leg['pull']> }
  step: StepId | null
}

/** A button was clicked: what it says is done under the name and role of who clicked. */
export async function handleCheckButton(intake: Intake, intent: CheckButtonIntent, source: Source): Promise<void> {
  const checked = await ofCheck(intake, intent, intent.check.externalId)
  const conversation = checked === null ? null : await conversationOf(intake, intent, checked)
  if (checked === null || conversation === null) return
  const { run, leg } = checked
  const views = leg.head === intent.head ? renderCheckRuns(run, leg, intake.now()) : []
  const view = views.find(({ externalId }) => externalId === intent.check.externalId)
  const button = view?.actions.find(({ identifier }) => identifier === intent.identifier)
  const command = button === undefined ? null : commandOfControl(button.identifier)
  const said = saidBy(checked, intent, source, button?.label ?? intent.identifier.slice(0, IDENTIFIER_SHOWN_MAX))
  await perform(intake, conversation, command === null ? { ...said, error: { kind: 'outdated-button' } } : { ...said, command })
}

const IDENTIFIER_SHOWN_MAX = 20

/** A stage was asked for again, or all of them. GitHub takes its conclusion away at once: it is written again in any case. */
export async function handleCheckRerequested(intake: Intake, intent: CheckRerequestedIntent, source: Source): Promise<void> {
  const checked = await (intent.check === null ? ofHead(intake, intent) : ofCheck(intake, intent, intent.check.externalId))
  const conversation = checked === null ? null : await conversationOf(intake, intent, checked)
  if (checked === null || conversation === null) return
  const { run, leg, step } = checked
  const command = leg.head === intent.head ? again(run, step) : null
  const said = saidBy(checked, intent, source, step === null ? 'Re-run' : `Re-run ${step}`)
  const kind = leg.head === intent.head ? 'no-failed-stage' : 'outdated-button'
  await perform(intake, conversation, command === null ? { ...said, error: { kind } } : { ...said, command })
  const before = renderCheckRuns(run, leg, intake.now()).map(({ externalId }) => externalId)
  await forgetChecks(intake, checked, intent, intent.check === null ? before : [intent.check.externalId], source)
}

/** What running a stage again means now; for all of them (null) it is the one that failed. */
function again(run: Run, step: StepId | null): Command | null {
  const failed = run.status.state === 'failed' ? run.status.step : null
  const current = activeStep(run)
  const wait = run.status.state === 'active' ? current?.status.wait : undefined
  const offersRetry =
    wait?.for === 'retry' ||
    (current !== null && wait?.for === 'person' && wait.what === 'evidence' && gateWords(current).retry !== null)
  const triesAgain = failed ?? (offersRetry ? (current?.id ?? null) : null)
  if (triesAgain !== null && (step === null || step === triesAgain)) return { verb: 'retry' }
  return step === null ? null : { verb: 'restart', step }
}

function saidBy({ run, leg }: Checked, intent: Wish, source: Source, written: string): Omit<Said, 'command' | 'error'> {
  const trigger: Trigger = {
    kind: 'button',
    checkRunId: intent.check?.id ?? null,
    identifier: intent.type === 'check-button' ? intent.identifier : RERUN,
    at: { repository: intent.repository.fullName, number: leg.pull.number },
  }
  return { key: eventKey(source), written, trigger, run: run.id }
}

/** The conversation of the pull request that the check stands on; null where a bot that is not listed asks (ING-4). */
async function conversationOf(intake: Intake, intent: Wish, { run, leg }: Checked): Promise<Conversation | null> {
  const octokit = await intake.github.installation(intent.installationId)
  const { configuration: rules } = await currentConfiguration(intake.store, octokit, intent.repository)
  if (isUnlistedBot(intent.actor, rules)) return null
  const { title, author } = run.task
  const issue = { title, body: '', url: leg.pull.url, author, state: leg.pull.state === 'open' ? 'open' : 'closed' } as const
  return { ...intent, thread: 'pull', number: leg.pull.number, issue, octokit, rules }
}

/** The run and leg that a check of ours belongs to; null where it is of none that is known. */
async function ofCheck({ store }: Intake, { repository }: Wish, externalId: string): Promise<Checked | null> {
  const [, run, stage] = EXTERNAL_ID.exec(externalId) ?? []
  const id = RunId.safeParse(run)
  const step = stage === undefined ? null : StepId.parse(stage)
  return id.success ? checkedOf(await getRun(store.db, id.data), repository.id, step) : null
}

/** The run whose leg is at this head: a live one before one that is over. */
async function ofHead({ store }: Intake, { repository, head }: Wish): Promise<Checked | null> {
  const [live] = await findLegsByHead(store.db, repository.id, head)
  const found = live ?? (await findLatestLegByHead(store.db, repository.id, head))
  return found === null ? null : checkedOf(await getRun(store.db, found.runId), repository.id, null)
}

function checkedOf(run: Run | null, repositoryId: number, step: StepId | null): Checked | null {
  const leg = run?.legs.find((each) => each.repositoryId === repositoryId)
  if (run === null || leg === undefined || leg.pull === null) return null
  return { run, leg: { ...leg, pull: leg.pull }, step }
}

async function forgetChecks(
  { store, engine }: Intake,
  { run, leg }: Checked,
  { head }: Wish,
  externalIds: readonly string[],
  source: Source,
): Promise<void> {
  for (const externalId of externalIds) {
    const key = checkKey(externalId, leg.key, head)
    const shown = await getProjection(store.db, run.id, key)
    if (shown !== null) await putProjection(store.db, run.id, key, { externalId: shown.externalId, digest: '' })
  }
  await engine.refresh(run.id, eventKey(source, 'shown'))
}
