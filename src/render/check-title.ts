import { describeStep } from '../pipeline/describe.ts'
import type { Leg, Run, Step } from '../pipeline/model.ts'
import type { StepOutput } from '../pipeline/outputs.ts'
import { totalOf } from '../pipeline/steps/workflow-words.ts'
import { nounOf } from './approval-subject.ts'
import { causeText } from './failure-text.ts'
import { HEALTH_WORDS } from './made-sections.ts'
import { count, countRepositories } from './money.ts'
import { safeTitle } from './safe-text.ts'

const WORDS_MAX_CHARS = 120
const NAME_MAX_CHARS = 60

/** A stage's verdict in about eight words, for the title of its check run. */
export function checkTitle(run: Run, step: Step, leg: Leg): string {
  const { status, output } = step
  switch (status.state) {
    case 'pending':
      return 'Not begun'
    case 'active':
      return activeTitle(run, step)
    case 'skipped':
      return `Skipped: ${safeTitle(status.why, WORDS_MAX_CHARS)}`
    case 'cancelled':
      return 'Cancelled'
    case 'failed':
      return causeText(status.failure.cause).what.replace(/\.$/, '')
    case 'done':
      return output === null ? 'Done' : outputTitle(run, output, leg)
  }
}

function activeTitle(run: Run, step: Step): string {
  if (step.status.state === 'active' && step.status.wait.for === 'person') return 'Waits for a person'
  if (run.status.state === 'paused') return 'Paused'
  const detail = safeTitle(describeStep(run, step), WORDS_MAX_CHARS)
  return detail === '' ? 'At work' : `At work: ${detail}`
}

function outputTitle(run: Run, output: StepOutput, leg: Leg): string {
  switch (output.kind) {
    case 'plan':
      return `Plan ${output.hash} for ${countRepositories(output.plan.repositories.filter(({ role }) => role !== 'reference').length)}`
    case 'artefact':
      return `Document ${output.hash}: ${safeTitle(output.artefact.title, NAME_MAX_CHARS)}`
    case 'approval':
      return `${nounOf(run, output.hash) === 'plan' ? 'Plan' : 'Document'} ${output.hash} approved by ${name(output.by)}`
    case 'agent':
      if (output.verdict !== null) return `Rated ${output.verdict.rating}, ${remarks(output.verdict.comments.length)}`
      return output.mode === 'explore' ? 'Explored, nothing changed' : `${count(leg.changedFiles, 'file')} changed`
    case 'companion':
      return `${accepted(output.by === 'person')}, rated ${output.verdict.rating}, ${remarks(output.verdict.comments.length)}`
    case 'estimate': {
      const { complexity, risk, impact } = output.estimate
      return `Complexity ${complexity.value}, risk ${risk.value}, impact ${impact.value}`
    }
    case 'questions': {
      const settled = output.settled.filter(({ how }) => how !== 'open').length
      if (output.settled.length === 0) return 'Nothing was unclear'
      return `${settled} of ${count(output.settled.length, 'question')} settled`
    }
    case 'diagnosis':
      return `Cause found, confidence ${output.diagnosis.confidence}`
    case 'parallel': {
      const done = output.results.filter(({ failed }) => failed === null).length
      return `${done} of ${count(output.results.length, 'exploration')} with a result`
    }
    case 'test': {
      const concerns = output.report.concerns.length
      return `${accepted(output.by === 'person')}, ${concerns === 0 ? 'no concern' : count(concerns, 'concern')}`
    }
    case 'validate': {
      const red = output.checks.filter(({ ok }) => !ok).length
      if (output.checks.length === 0) return 'No command is configured'
      return red === 0
        ? `${count(output.checks.length, 'command')} passed`
        : `${count(red, 'command')} red, accepted by a person`
    }
    case 'conflicts':
      return output.resolved === 0 ? 'No conflict with the base branch' : `${count(output.resolved, 'conflict')} resolved`
    case 'ci':
      return `${count(output.checks, 'check')} green${output.fixes === 0 ? '' : ` after ${fixes(output.fixes)}`}`
    case 'review': {
      const [first, ...others] = output.approvedBy
      const more = others.length === 0 ? '' : ` and ${others.length} more`
      const by = first === undefined ? 'Nothing is open' : `Approved by ${name(first)}${more}`
      return output.answered === 0 ? by : `${by}, ${output.answered} answered`
    }
    case 'deploy':
      return `Deployed to ${name(output.deployments[0]?.environment ?? 'its environment')}`
    case 'release':
      return `${HEALTH_WORDS[output.health].charAt(0).toUpperCase()}${HEALTH_WORDS[output.health].slice(1)}`
    case 'ticket':
      return `Filed ${output.repository}#${output.number}`
    case 'merge':
      return 'Merged'
    case 'workflow': {
      const { done, failed } = totalOf(output.phases)
      return `${count(done, 'call')} done${failed === 0 ? '' : `, ${failed} came to nothing`}`
    }
  }
}

function accepted(byPerson: boolean): string {
  return byPerson ? 'Accepted by a person' : 'Accepted'
}

function remarks(number: number): string {
  return number === 0 ? 'nothing to add' : count(number, 'comment')
}

function fixes(number: number): string {
  return number === 1 ? '1 fix' : `${number} fixes`
}

function name(text: string): string {
  return safeTitle(text, NAME_MAX_CHARS)
}
