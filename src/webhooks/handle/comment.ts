/** A comment: commands that people wrote, or a box they ticked in a status comment of ours. */
import { createHash } from 'node:crypto'
import { commandOfControl, findTicked } from '../../commands/checkbox.ts'
import { parseCommands } from '../../commands/parse.ts'
import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import { react } from '../../github/reactions.ts'
import type { CommentIntent } from '../intents.ts'
import { currentConfiguration } from './configuration.ts'
import { eventKey, type Intake, type Source } from './intake.ts'
import { type Conversation, perform } from './perform.ts'
import { isUnlistedBot } from './permission.ts'
import { forgetShown, runOfComment } from './status-comment.ts'

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
  const run = await runOfComment(intake, intent)
  if (run === null) return
  for (const [index, control] of findTicked(intent.bodyBefore ?? '', intent.body).entries()) {
    const command = commandOfControl(control)
    if (command === null) continue
    const trigger = { kind: 'checkbox', commentId: intent.commentId, control } as const
    await perform(intake, conversation, { key: eventKey(source, index), written: `☑ ${command.verb}`, trigger, run, command })
  }
  await forgetShown(intake, run, eventKey(source, 'shown'))
}

/** Commands, in order. One is known by its comment and its words: an edit runs only what it added (CMD-5). */
async function written(intake: Intake, conversation: Conversation, { commentId, body }: CommentIntent): Promise<void> {
  const commands = parseCommands(body, conversation.rules.commands.prefix)
  if (commands.length === 0) return
  await seen(conversation.octokit, conversation.repository.fullName, commentId)
  const counted = new Map<string, number>()
  for (const parsed of commands) {
    const words = parsed.ok ? JSON.stringify(parsed.command) : parsed.written
    const nth = (counted.get(words) ?? 0) + 1
    counted.set(words, nth)
    const key = `comment:${commentId}:${createHash('sha256').update(words).digest('hex').slice(0, 16)}:${nth}`
    const trigger = { kind: 'comment', commentId, index: parsed.index } as const
    const said = { key, written: parsed.written, trigger, run: null }
    await perform(intake, conversation, parsed.ok ? { ...said, command: parsed.command } : { ...said, error: parsed.error })
  }
}

/** Says at once that a command was seen; the answer follows. */
async function seen(octokit: Octokit, fullName: string, commentId: number): Promise<void> {
  await react(octokit, repositoryOf(fullName), { kind: 'comment', commentId }, 'eyes')
}
