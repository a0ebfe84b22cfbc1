/** The lead while a person is waited for: what they are to do, and with which command. */
import { describeStep } from '../pipeline/describe.ts'
import type { Run, Wait } from '../pipeline/model.ts'
import { latestOutput } from '../pipeline/state.ts'
import { askedNow } from '../pipeline/steps/workflow-checkpoint.ts'
import { approvalSubject } from './approval-subject.ts'
import type { ActiveStep } from './doing.ts'
import { gateWords } from './gate-words.ts'
import { advice } from './made-sections.ts'
import { count, countRepositories } from './money.ts'
import { legsInOrder, pullLink, revertLinks } from './pull-lines.ts'
import { openNow } from './questions-data.ts'
import { safeLine, safeTitle } from './safe-text.ts'
import type { StatusInput } from './status-input.ts'
import { stepName } from './step-name.ts'
import { undecidedRegression } from './undecided.ts'

const DETAIL_MAX_CHARS = 400
const QUESTION_MAX_CHARS = 1_500

/** What the person is to do. Markdown, one paragraph. */
export function personLead(input: StatusInput, step: ActiveStep, what: Extract<Wait, { for: 'person' }>['what']): string {
  const { run } = input
  const { prefix } = run.settings
  const detail = safeLine(describeStep(run, step), DETAIL_MAX_CHARS)
  switch (what) {
    case 'approve':
      return `**Approve the ${approvalSubject(run)?.noun ?? 'plan'}** to go on. ${subjectSize(run)} To have it changed, comment \`${prefix} changes\` and what should change; to drop it, \`${prefix} reject\`.`
    case 'cap':
    case 'evidence':
      return stuckLead(run, step, what, detail)
    case 'answers':
      return answersLead(input)
    case 'decision':
      if (step.question?.output !== undefined) return outputLead(step, prefix)
      return `**Decide** what the agent of *${stepName(step)}* asks: ${safeLine(step.question?.text ?? '', QUESTION_MAX_CHARS)} To answer in words of your own, comment \`${prefix} answer\` and them.`
    case 'checkpoint': {
      const asked = askedNow(step)
      const how = asked?.options.length ? '' : ` Comment \`${prefix} answer\` and your words.`
      return `**Answer the workflow** to go on: ${safeLine(asked?.text ?? '', QUESTION_MAX_CHARS)}${how}`
    }
    case 'regression':
      return regressionLead(run, step)
    case 'merge': {
      const why = detail === '' ? '' : ` ${upper(detail)}.`
      return `**Merge it when you are ready.** ${upper(mergeReadiness(run))}.${why} To have something changed first, comment \`${prefix} changes\` and what.`
    }
  }
}

function outputLead(step: ActiveStep, prefix: string): string {
  const text = safeLine(step.question?.text ?? '', QUESTION_MAX_CHARS)
  if (step.question?.output?.guarded !== undefined) {
    return `**Decide whether this is pushed**, at *${stepName(step)}*. ${text} To have it done again in another way, comment \`${prefix} answer\` and what should be different.`
  }
  return `**Decide about the size of the work** at *${stepName(step)}*. ${text} To have it done again in another way, comment \`${prefix} answer\` and what should be different.`
}

function stuckLead(run: Run, step: ActiveStep, what: 'cap' | 'evidence', detail: string): string {
  const { still, changes } = gateWords(step)
  const { prefix } = run.settings
  const own = changes ? ` To say yourself what should change, comment \`${prefix} changes\` and what.` : ''
  const push = what === 'evidence' || !changes ? pushWords(step) : ''
  const how = detail === '' ? `${still}.` : step.kind === 'companion' ? `${still} (${detail}).` : `${still}: ${detail}.`
  return `**Decide how to go on.** ${how}${own}${push}`
}

/** Gates that look at the branches go on when somebody pushes to one. */
function pushWords({ kind }: ActiveStep): string {
  return ['ci', 'conflicts', 'test', 'validate'].includes(kind) ? ' A push to the work branch goes on by itself.' : ''
}

function answersLead({ run, questionsUrl }: StatusInput): string {
  const open = openNow(run)
  const { prefix } = run.settings
  const one = open.length === 1
  const questions = one ? 'the open question' : `${open.length} questions`
  const linked = questionsUrl == null ? questions : `[${questions}](${questionsUrl})`
  const first = open[0]?.id ?? 'Q1'
  return `**Answer ${linked}** to go on. Comment \`${prefix} answer ${first}\` and your words, or quote a question and write below it; \`${prefix} proceed\` goes on without.`
}

function regressionLead(run: Run, step: ActiveStep): string {
  const regression = undecidedRegression(step)?.regression ?? null
  const said = regression === null ? 'The agent on call could not say why.' : advice(regression)
  const reverts = revertLinks(run)
  const { prefix } = run.settings
  const how =
    reverts.length === 0
      ? `\`${prefix} revert\` opens the pull requests that take it back; nothing is taken back by itself.`
      : `${reverts.join(' and ')} ${reverts.length === 1 ? 'takes' : 'take'} it back once merged by a person.`
  return `**Decide about the release.** After the merge something turned bad. ${said} ${how} \`${prefix} proceed\` leaves it as it is.`
}

function subjectSize(run: Run): string {
  const output = approvalSubject(run)?.of?.output
  if (output?.kind === 'artefact') return `It is "${safeTitle(output.artefact.title, 100)}", unfolded below.`
  const plan = output?.kind === 'plan' ? output.plan : latestOutput(run, 'plan')?.plan
  if (plan === undefined) return ''
  const repositories = plan.repositories.filter(({ role }) => role !== 'reference').length
  const size = `It covers ${countRepositories(repositories)}`
  return plan.files.length === 0 ? `${size}.` : `${size} and about ${count(plan.files.length, 'file')}.`
}

function mergeReadiness(run: Run): string {
  const legs = legsInOrder(run).filter(({ pull, dropped }) => pull.state === 'open' && !dropped)
  const checked = legs.every((leg) => leg.checkedSha !== null && leg.checkedSha === leg.head)
  const reviewed = legs.every((leg) => leg.reviewedSha !== null && leg.reviewedSha === leg.head)
  const how = [checked ? 'green' : null, reviewed ? 'reviewed' : null].filter((part) => part !== null).join(' and ')
  const list = legs.map(pullLink).join(', then ')
  return how === '' ? `${list} would be merged` : `${list} ${legs.length === 1 ? 'is' : 'are'} ${how}`
}

function upper(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}
