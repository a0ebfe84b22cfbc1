import { answerTrigger } from '../../effects/answer.ts'
import { removeLabel } from '../../github/labels.ts'
import { repositoryOf } from '../../github/octokit.ts'
import { react } from '../../github/reactions.ts'
import type { StartIntent } from '../intents.ts'
import { currentConfiguration } from './configuration.ts'
import { eventKey, type Intake, type Source } from './intake.ts'
import { isUnlistedBot } from './permission.ts'
import { startRun } from './start-run.ts'

/** A start label was put on: the run starts or the refusal is said, and the label comes off, so that it can be put on again. */
export async function handleStart(intake: Intake, intent: StartIntent, source: Source): Promise<void> {
  const octokit = await intake.github.installation(intent.installationId)
  const repository = repositoryOf(intent.repository.fullName)
  if (intent.actor.type !== 'User') {
    const { configuration } = await currentConfiguration(intake.store, octokit, intent.repository)
    if (isUnlistedBot(intent.actor, configuration)) return
  }
  const trigger = { kind: 'label', label: intent.label } as const
  const wish = { ...intent, trigger, asked: intent.label }
  const outcome = await startRun(intake, octokit, wish, source)
  if (outcome.started) await react(octokit, repository, { kind: 'issue', number: intent.number }, 'eyes')
  else {
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
  await removeLabel(octokit, repository, intent.number, intent.label)
}
