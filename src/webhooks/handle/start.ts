import { answerTrigger } from '../../effects/answer.ts'
import { removeLabel } from '../../github/labels.ts'
import { repositoryOf } from '../../github/octokit.ts'
import { react } from '../../github/reactions.ts'
import type { StartIntent } from '../intents.ts'
import { currentConfiguration } from './configuration.ts'
import { EXPLAIN, explain } from './explain.ts'
import { eventKey, type Intake, type Source } from './intake.ts'
import { isUnlistedBot } from './permission.ts'
import { startRun } from './start-run.ts'
import { noteLabelGoing, noteLabelOn, noteLabelTaken } from './start-withdrawn.ts'

/** A start label was put on: the run starts or the refusal is said, and the label comes off, so that it can be put on again. */
export async function handleStart(intake: Intake, intent: StartIntent, source: Source): Promise<void> {
  const octokit = await intake.github.installation(intent.installationId)
  const repository = repositoryOf(intent.repository.fullName)
  if (intent.actor.type !== 'User') {
    const { configuration } = await currentConfiguration(intake.store, octokit, intent.repository)
    if (isUnlistedBot(intent.actor, configuration)) return
  }
  const trigger = { kind: 'label', label: intent.label } as const
  if (intent.pipeline === EXPLAIN) {
    const text = await explain(intake, octokit, { ...intent, pipeline: null, trigger })
    await answerTrigger(intake, octokit, {
      repository,
      number: intent.number,
      trigger,
      key: eventKey(source),
      result: 'done',
      text,
    })
    await removeLabel(octokit, repository, intent.number, intent.label)
    return
  }
  const wish = { ...intent, trigger, asked: intent.label }
  const outcome = await startRun(intake, octokit, wish, source)
  if (outcome.started) {
    await noteLabelOn(intake.store.db, outcome.run)
    await react(octokit, repository, { kind: 'issue', number: intent.number }, 'eyes')
    await noteLabelGoing(intake.store.db, outcome.run)
  } else {
    intake.log.info({ repo: intent.repository.fullName, issue: intent.number, delivery: source.delivery }, 'Start refused')
    const answer = {
      repository,
      number: intent.number,
      trigger,
      key: eventKey(source),
      result: 'refused',
      text: outcome.text,
    } as const
    await answerTrigger(intake, octokit, answer)
  }
  const taken = await removeLabel(octokit, repository, intent.number, intent.label)
  if (taken && outcome.started) await noteLabelTaken(intake.store.db, outcome.run)
}
