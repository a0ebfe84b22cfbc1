/** A run's history, as lines of the story. What only machines want is left out. */
import type { JobResult } from '../../src/contract/job.ts'
import type { Run, Step } from '../../src/pipeline/model.ts'
import { latestOutput } from '../../src/pipeline/state.ts'
import type { HistoryRow } from '../../src/store/history.ts'
import { shortSha } from './github-lines.ts'
import { resultLines } from './result-lines.ts'
import type { Line } from './screen.ts'

type Told = Omit<Line, 'at'>

/** The lines of one fact. `result` is that of the job which the fact speaks of, where it speaks of one. */
export function historyLines(fact: HistoryRow, run: Run, result: JobResult | null): Told[] {
  const step = run.steps.find(({ id }) => id === fact.step)
  switch (fact.what) {
    case 'run.created':
      return [{ mark: 'done', what: `Taken as run ${run.id}`, where: issueOf(run), detail: pipelineOf(run) }]
    case 'step.entered':
      return step === undefined ? [] : entered(step, fact.text !== 'began', run)
    case 'job.finished':
      return resultLines(run, step, result)
    case 'job.failed':
      return [{ mark: 'bad', what: 'The agent failed', detail: fact.text }]
    case 'step.noted':
      return step === undefined ? [] : noted(step, fact.text)
    case 'step.rewound':
      return step === undefined ? [] : rewound(step, fact.text)
    case 'step.done':
      return step === undefined ? [] : done(step, run)
    case 'step.skipped':
      return [{ mark: 'note', what: `Skipped: ${fact.step ?? '?'}`, detail: fact.text }]
    case 'step.failed':
      return [{ mark: 'bad', what: `Failed at ${fact.step ?? '?'}`, where: issueOf(run), more: fact.text.split('\n') }]
    case 'effect.failed':
      return [{ mark: 'bad', what: 'Not done on GitHub', more: [fact.text] }]
    default:
      return []
  }
}

function issueOf(run: Run): string {
  return `${run.task.repository}#${run.task.number}`
}

function pipelineOf(run: Run): string {
  const steps = run.steps.filter((step) => step.config.enabled).map(({ id }) => id)
  return `${run.pipeline}: ${steps.join(' → ')}`
}

function entered(step: Step, again: boolean, run: Run): Told[] {
  const more = again ? ' again' : ''
  switch (step.kind) {
    case 'plan':
      return [{ mark: 'doing', what: `Planning${more}`, detail: 'agent job for the planner, who reads only' }]
    case 'estimate':
      return [{ mark: 'doing', what: `Estimating${more}`, detail: 'complexity, risk and impact, from 0 to 1' }]
    case 'investigate':
      return [{ mark: 'doing', what: `Investigating${more}`, detail: 'agent job for the investigator, who reads only' }]
    case 'questions':
      return [{ mark: 'doing', what: `Looking for what is open${more}`, detail: 'agent job for a reader of the task' }]
    case 'conflicts':
      return [{ mark: 'doing', what: `Asking if it merges${more}`, detail: 'with what is on main by now' }]
    case 'validate':
      return [{ mark: 'doing', what: `Validating${more}`, detail: 'the commands of .github/switchyard.yml, without an agent' }]
    case 'review':
      return [{ mark: 'doing', what: `Watching the review${more}`, detail: 'by people, of every pull request' }]
    case 'agent': {
      const repositories = run.legs.filter((leg) => leg.planned && leg.access === 'write').map((leg) => leg.repository)
      return [{ mark: 'doing', what: `Coding${more}`, detail: `one agent job for ${repositories.join(' and ')}` }]
    }
    case 'companion':
      return [{ mark: 'doing', what: `Reviewing${more}`, detail: 'agent job for the reviewer, who reads only' }]
    case 'ci':
      return [{ mark: 'doing', what: `Watching the checks${more}`, detail: 'of every pull request, by webhook' }]
    case 'merge': {
      const order = run.mergeOrder.flatMap((key) => run.legs.filter((leg) => leg.key === key && leg.head !== null))
      const detail = `first ${order.map(({ repository }) => repository).join(', then ')}, if all can merge`
      return [{ mark: 'doing', what: `Merging${more}`, detail }]
    }
    default:
      return []
  }
}

/** What a step said of itself. */
function noted(step: Step, text: string): Told[] {
  switch (step.kind) {
    case 'ci':
      return text.includes('runs again')
        ? [{ mark: 'doing', what: 'Failed checks run again', detail: 'in case they are flaky' }]
        : [{ mark: 'doing', what: 'Fixer at work', detail: text.replace(/; a fixer.*$/, '') }]
    case 'conflicts':
      return [{ mark: 'doing', what: 'Resolver at work', detail: text }]
    case 'review':
      return [{ mark: 'doing', what: 'Responder at work', detail: text }]
    case 'merge':
      return text.includes('policy') ? [{ mark: 'note', what: 'Asked the merge policy', detail: text }] : []
    default:
      return []
  }
}

function rewound(step: Step, text: string): Told[] {
  switch (step.kind) {
    case 'merge':
      return [{ mark: 'note', what: 'Not merged yet', detail: `a head moved since it was reviewed or checked: ${text}` }]
    case 'validate':
      return [{ mark: 'note', what: 'Sent back to the coder', detail: 'with what the red command printed' }]
    default:
      return []
  }
}

const named = (leg: string) => leg.replace('__', '/')

function done(step: Step, run: Run): Told[] {
  const { output } = step
  switch (output?.kind) {
    case 'approval':
      return [{ mark: 'done', what: 'Approved', where: issueOf(run), detail: `plan ${output.hash}, by ${output.by}` }]
    case 'plan':
      // Where it is to be approved it is told with the approval.
      return run.steps.some(({ kind }) => kind === 'approval') ? [] : [planLine(run)].filter((line) => line !== null)
    case 'conflicts':
      return [{ mark: 'done', what: 'It merges cleanly', detail: 'by GitHub’s word' }]
    case 'review': {
      const by = output.approvedBy.length === 0 ? 'nobody asked for anything' : `approved by ${output.approvedBy.join(', ')}`
      return [{ mark: 'done', what: 'The review is done', detail: by }]
    }
    case 'ci': {
      const heads = output.heads.map(({ leg, head }) => `${named(leg)} ${shortSha(head)}`)
      return [{ mark: 'done', what: 'All checks are green', detail: heads.join(', ') }]
    }
    default:
      return []
  }
}

/** The plan as posted. */
export function planLine(run: Run): Told | null {
  const output = latestOutput(run, 'plan')
  if (output === null) return null
  const { plan, hash } = output
  return {
    mark: 'done',
    what: `Plan ${hash} posted`,
    where: issueOf(run),
    detail: `${plan.repositories.length} repositories, ${plan.files.length} files`,
    more: [
      ...plan.summary.split('\n'),
      ...plan.repositories.map(({ repository, role, why }) => `${repository} (${role}): ${why}`),
    ],
  }
}
