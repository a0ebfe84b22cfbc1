/** A comment: commands that people wrote, answers they gave by quoting, or a box they ticked in a comment of ours. */
import { createHash } from 'node:crypto'
import { commandOfControl, findTicked } from '../../commands/checkbox.ts'
import { parseCommands } from '../../commands/parse.ts'
import { quotedAnswers } from '../../commands/quoted-answers.ts'
import type { RunId } from '../../contract/ids.ts'
import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import { react } from '../../github/reactions.ts'
import { activeStep } from '../../pipeline/state.ts'
import { openQuestions } from '../../pipeline/steps/questions.ts'
import { askedNow } from '../../pipeline/steps/workflow-checkpoint.ts'
import { decisionHash } from '../../render/controls.ts'
import { getRun } from '../../store/runs.ts'
import type { CommentIntent } from '../intents.ts'
import { currentConfiguration } from './configuration.ts'
import { eventKey, type Intake, type Source } from './intake.ts'
import { type Conversation, perform, runOfThread } from './perform.ts'
import { isUnlistedBot } from './permission.ts'
import { forgetShown, shownComment } from './status-comment.ts'

export async function handleComment(intake: Intake, intent: CommentIntent, source: Source): Promise<void> {
  const ours = intent.author.id === intake.identity.botId
  // What bots do to our comment is nothing that a person ticked; our own edits were dropped before.
  if (ours && (intent.bodyBefore === null || intent.actor.type !== 'User')) return
  const octokit = await intake.github.installation(intent.installationId)
  const config = await currentConfiguration(intake.store, octokit, intent.repository)
  if (isUnlistedBot(intent.actor, config.configuration)) return
  const conversation: Conversation = { ...intent, octokit, rules: config.configuration }
  return ours ? ticked(intake, conversation, intent, source) : written(intake, conversation, intent)
}

/** What a person ticked counts, under their name and permission; the box is then shown as it was (CMD-7). */
async function ticked(intake: Intake, conversation: Conversation, intent: CommentIntent, source: Source): Promise<void> {
  const comment = await shownComment(intake, intent)
  if (comment === null) return
  const { run } = comment
  for (const [index, control] of findTicked(intent.bodyBefore ?? '', intent.body).entries()) {
    const command = commandOfControl(control)
    if (command === null) continue
    const trigger = { kind: 'checkbox', commentId: intent.commentId, control } as const
    const said = { key: eventKey(source, index), written: `☑ ${command.verb}`, trigger, run }
    const outdated = await isOutdated(intake, run, control)
    await perform(intake, conversation, outdated ? { ...said, error: { kind: 'outdated-box' } } : { ...said, command })
  }
  await forgetShown(intake, comment, eventKey(source, 'shown'))
}

/** A decision's option counts only for the question that it was offered for. */
async function isOutdated({ store }: Intake, id: RunId, control: string): Promise<boolean> {
  const [verb, , hash] = control.split(':')
  if (verb !== 'answer') return false
  const run = await getRun(store.db, id)
  const step = run === null ? null : activeStep(run)
  const question = step === null ? null : askedNow(step)
  return question === null || decisionHash(question) !== hash
}

/**
 * Answers by quoting, then commands, in order. One is known by its comment and its words: an edit runs only what it added
 * (CMD-5).
 */
async function written(intake: Intake, conversation: Conversation, { commentId, body }: CommentIntent): Promise<void> {
  const { prefix } = conversation.rules.commands
  const answers = quotedAnswers(body, await questionsOfThread(intake, conversation, body), prefix)
  const commands = parseCommands(body, prefix).map((parsed) => ({ ...parsed, index: answers.length + parsed.index }))
  const all = [...answers, ...commands]
  if (all.length === 0) return
  await seen(conversation.octokit, conversation.repository.fullName, commentId)
  const counted = new Map<string, number>()
  for (const parsed of all) {
    const words = parsed.ok ? JSON.stringify(parsed.command) : parsed.written
    const nth = (counted.get(words) ?? 0) + 1
    counted.set(words, nth)
    const key = `comment:${commentId}:${createHash('sha256').update(words).digest('hex').slice(0, 16)}:${nth}`
    const at = { repository: conversation.repository.fullName, number: conversation.number }
    const trigger = { kind: 'comment', commentId, index: parsed.index, at } as const
    const said = { key, written: parsed.written, trigger, run: null }
    await perform(intake, conversation, parsed.ok ? { ...said, command: parsed.command } : { ...said, error: parsed.error })
  }
}

/** The questions that the thread's run can be answered now; looked up only where a comment quotes something. */
async function questionsOfThread(intake: Intake, conversation: Conversation, body: string): Promise<string[]> {
  if (!body.includes('>') || !body.includes('**Q')) return []
  const id = await runOfThread(intake, conversation)
  const run = id === null ? null : await getRun(intake.store.db, id)
  if (run?.status.state !== 'active') return []
  return run.steps.flatMap((step) => openQuestions(step) ?? []).map((question) => question.id)
}

/** Says at once that a command was seen; the answer follows. */
async function seen(octokit: Octokit, fullName: string, commentId: number): Promise<void> {
  await react(octokit, repositoryOf(fullName), { kind: 'comment', commentId }, 'eyes')
}
