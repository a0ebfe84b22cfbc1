/** One command, by comment or by checkbox: who may, to which run, and the answer where it was given (CMD-3, 4, 5). */
import { alreadyRunning, help, noRun, refusal } from '../../commands/answers.ts'
import { askedOf } from '../../commands/asked-of.ts'
import type { Command } from '../../commands/command.ts'
import { type CommandError, describeCommandError } from '../../commands/parse.ts'
import { commandOf } from '../../commands/registry.ts'
import { toEvent } from '../../commands/to-event.ts'
import type { Configuration } from '../../config/configuration.ts'
import type { RunId } from '../../contract/ids.ts'
import { answerTrigger } from '../../effects/answer.ts'
import { spentByRun } from '../../gateway/ledger.ts'
import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import type { RunEvent } from '../../pipeline/events.ts'
import type { Run } from '../../pipeline/model.ts'
import { isLive } from '../../pipeline/state.ts'
import type { Trigger } from '../../pipeline/task.ts'
import { costAnswer } from '../../render/cost-answer.ts'
import { ledgerAnswer } from '../../render/ledger-answer.ts'
import { reposAnswer } from '../../render/repos-answer.ts'
import { jobUsageOfRun } from '../../store/job-usage.ts'
import { findLatestLegByPull, findLegByPull } from '../../store/run-legs.ts'
import { findLatestRun, findLiveRun, getRun } from '../../store/runs.ts'
import { claimTrigger, isTriggerTaken } from '../../store/taken-triggers.ts'
import type { CommentIntent } from '../intents.ts'
import { editedWorkflows } from './edited-workflows.ts'
import { explain } from './explain.ts'
import type { Intake } from './intake.ts'
import { unofferedNow } from './live-runtimes.ts'
import { may } from './may.ts'
import { unlistedModel, unpricedModel } from './priced-model.ts'
import { startRun } from './start-run.ts'
import { noteLabelTaken } from './start-withdrawn.ts'
import { statusLink } from './status-comment.ts'
import { statusText, statusWithHistory } from './status-text.ts'
import { withinLimit } from './word-limit.ts'

/** Where a command was given, and the rules that hold there. */
export interface Conversation
  extends Pick<CommentIntent, 'installationId' | 'repository' | 'thread' | 'number' | 'actor' | 'issue'> {
  octokit: Octokit
  rules: Configuration
}

/** What somebody said: a command, or words that are none. */
export type Said = {
  /** Names it for ever: said again by a redelivery or an edit, it is not done again. */
  key: string
  written: string
  trigger: Trigger
  /** The run it is said to; null: the thread's own. */
  run: RunId | null
} & ({ command: Command } | { error: CommandError })

/** Does it and answers; what was done before is left alone. */
export async function perform(intake: Intake, conversation: Conversation, said: Said): Promise<void> {
  const { store } = intake
  if (await isTriggerTaken(store.db, said.key)) return
  const reply = 'error' in said ? wrong(conversation, said.error) : await obey(intake, conversation, said.command, said)
  if (reply !== null) {
    await answerTrigger(intake, conversation.octokit, {
      repository: repositoryOf(conversation.repository.fullName),
      number: conversation.number,
      trigger: said.trigger,
      key: said.key,
      result: reply.result,
      text: reply.text === null ? null : await withinLimit(intake, conversation, reply.text),
    })
  }
  await claimTrigger(store.db, said.key)
}

/** An answer to give here; null when the run's own decision answers. */
type Reply = { result: 'done' | 'refused'; text: string | null } | null

function wrong({ actor, rules }: Conversation, error: CommandError): Reply {
  return { result: 'refused', text: `@${actor.login} ${describeCommandError(error, rules.commands.prefix)}` }
}

async function obey(intake: Intake, conversation: Conversation, command: Command, said: Said): Promise<Reply> {
  const { octokit, rules, actor } = conversation
  const definition = commandOf(command.verb)
  if (definition === undefined) throw new Error(`the command ${command.verb} is not registered`)
  const id = said.run ?? (await runOfThread(intake, conversation))
  const run = id === null ? null : await getRun(intake.store.db, id)
  const allowed = await may(intake, conversation, askedOf(definition, command, run), run)
  if (!allowed.allowed) return refused(conversation, said, allowed.why, allowed.who)

  switch (command.verb) {
    case 'help':
      return { result: 'done', text: help(rules.commands.prefix, command.about) }
    case 'status':
      if (run === null) return nothing(conversation, said)
      return { result: 'done', text: await (command.history ? statusWithHistory(intake, run) : statusText(intake, run)) }
    case 'cost':
      if (run === null) return nothing(conversation, said)
      return { result: 'done', text: await costText(intake, run) }
    case 'repos':
      return run === null ? nothing(conversation, said) : { result: 'done', text: reposAnswer(run) }
    case 'explain': {
      const wish = { ...conversation, pipeline: command.pipeline, trigger: said.trigger }
      return { result: 'done', text: await explain(intake, octokit, wish) }
    }
    case 'run':
    case 'review':
    case 'fix': {
      if (definition.where === 'pull request' && conversation.thread === 'issue') {
        const start = `\`${rules.commands.prefix} run\``
        return refused(conversation, said, 'it is for pull requests', `Say it on one; on an issue it is ${start}.`)
      }
      const pipeline = command.verb === 'run' ? command.pipeline : command.verb
      const args = command.verb === 'run' ? command.args : undefined
      const wish = { ...conversation, pipeline, args, trigger: said.trigger, asked: said.written }
      const outcome = await startRun(intake, octokit, wish, { delivery: said.key, index: 0 })
      // It was begun by a word: taking a label off is nothing to it.
      if (outcome.started) await noteLabelTaken(intake.store.db, outcome.run)
      return outcome.started ? { result: 'done', text: null } : { result: 'refused', text: outcome.text }
    }
    case 'resume': {
      if (command.edited !== true || run === null) return tell(intake, conversation, command, said, run)
      const edited = await editedWorkflows(intake, octokit, run)
      if (!edited.ok) return refused(conversation, said, edited.why, edited.remedy)
      const by = { login: conversation.actor.login, id: conversation.actor.id }
      return apply(intake, conversation, said, run, {
        type: 'command.resume',
        actor: by,
        trigger: said.trigger,
        edited: { workflows: edited.workflows, replays: edited.replays },
      })
    }
    case 'model': {
      const missing = run === null ? null : await unofferedNow(intake, run, command.role)
      if (missing !== null) return refused(conversation, said, missing.why, missing.remedy)
      const unlisted = run === null ? null : unlistedModel(command.model, intake.deployment.models, run.settings)
      if (unlisted !== null) return refused(conversation, said, unlisted.why, unlisted.remedy)
      const unpriced = run === null ? null : unpricedModel(command.model, intake.deployment.models)
      if (unpriced?.refused) return refused(conversation, said, unpriced.why, unpriced.remedy)
      const reply = await tell(intake, conversation, command, said, run)
      const now = run === null ? null : await getRun(intake.store.db, run.id)
      // What the run refused, it has answered itself.
      const taken = now?.settings.roles[command.role]?.runtime.model === command.model
      return reply === null && unpriced !== null && taken
        ? { result: 'done', text: `@${actor.login} ${sentence(unpriced.why)} ${unpriced.remedy}` }
        : reply
    }
    default:
      return tell(intake, conversation, command, said, run)
  }
}

/** From the ledger; what never came through the model gateway as the agents tell it. */
async function costText({ store }: Intake, run: Run): Promise<string> {
  const [spent, jobs] = await Promise.all([spentByRun(store.db, run.id), jobUsageOfRun(store.db, run.id)])
  if (spent.length === 0) return costAnswer(jobs)
  const seen = new Set(spent.map(({ step, role }) => `${step} ${role}`))
  const others = jobs.filter(({ step, role, usage }) => usage !== null && !seen.has(`${step} ${role}`))
  const told = others.length === 0 ? [] : ['**Not through the model gateway, as the agents tell it:**', costAnswer(others)]
  return [ledgerAnswer(spent, run), ...told].join('\n\n')
}

/** What is for the run to decide, and to answer. */
async function tell(intake: Intake, conversation: Conversation, command: Command, said: Said, run: Run | null): Promise<Reply> {
  const { actor } = conversation
  const event = toEvent(command, { login: actor.login, id: actor.id }, said.trigger)
  if (run === null || event === null) return nothing(conversation, said)
  return apply(intake, conversation, said, run, event, command.verb)
}

async function apply(
  intake: Intake,
  conversation: Conversation,
  said: Said,
  run: Run,
  event: RunEvent,
  verb = 'resume',
): Promise<Reply> {
  // The unique index would say so too, but not to the person: a race lost here is tried again and answered then. What
  // revives no run (a revert of what it has merged, an issue for what it noticed) can be said to one that is over beside one that is live.
  const revives = verb !== 'revert' && verb !== 'file'
  const live = isLive(run) || !revives ? null : await findLiveRun(intake.store.db, run.task.repositoryId, run.task.number)
  if (live !== null) {
    const { prefix } = conversation.rules.commands
    const { why, remedy } = alreadyRunning(await statusLink(intake, live, run.task.url), prefix)
    return refused(conversation, said, why, remedy)
  }
  await intake.engine.apply(run.id, said.key, event)
  return null
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
}

function nothing(conversation: Conversation, said: Said): Reply {
  const { why, remedy } = noRun(conversation.rules.commands.prefix, conversation.rules.labels.start)
  return refused(conversation, said, why, remedy)
}

function refused({ actor }: Conversation, { written }: Said, why: string, remedy: string): Reply {
  return { result: 'refused', text: refusal({ login: actor.login, asked: written, why, remedy }) }
}

/** The run of an issue, or the one that a pull request belongs to; a live one before one that is over. */
export async function runOfThread(
  { store }: Pick<Intake, 'store'>,
  { repository, thread, number }: Pick<Conversation, 'repository' | 'thread' | 'number'>,
): Promise<RunId | null> {
  const ofPull = thread === 'pull' ? await findLegByPull(store.db, repository.id, number) : null
  if (ofPull !== null) return ofPull.runId
  const live = await findLiveRun(store.db, repository.id, number)
  if (live !== null) return live
  const over = thread === 'pull' ? await findLatestLegByPull(store.db, repository.id, number) : null
  return over?.runId ?? (await findLatestRun(store.db, repository.id, number))
}
