/** A run's history, as lines of the story. What only machines want is left out. */
import type { JobResult } from '../../src/contract/job.ts'
import type { Run, Step } from '../../src/pipeline/model.ts'
import { latestOutput } from '../../src/pipeline/state.ts'
import type { HistoryRow } from '../../src/store/history.ts'
import { shortSha } from './github-lines.ts'
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
      return [...pushes(run, result), ...verdict(result)]
    case 'job.failed':
      return [{ mark: 'bad', what: 'The agent failed', detail: fact.text }]
    case 'step.noted':
      return step?.kind === 'ci'
        ? [{ mark: 'doing', what: 'Fixer at work', detail: fact.text.replace(/; a fixer.*$/, '') }]
        : []
    case 'step.rewound':
      return step?.kind === 'merge'
        ? [{ mark: 'note', what: 'Not merged yet', detail: `a head moved since it was reviewed or checked: ${fact.text}` }]
        : []
    case 'step.done':
      return step === undefined ? [] : done(step, run)
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

const named = (leg: string) => leg.replace('__', '/')

/** Which branches a job pushed, and what is on them. */
function pushes(run: Run, result: JobResult | null): Told[] {
  return (result?.legs ?? []).flatMap((leg): Told[] => {
    if (leg.push.status !== 'pushed' || leg.head === null) return []
    const files = leg.changedFiles
    const added = files.reduce((sum, file) => sum + file.additions, 0)
    const deleted = files.reduce((sum, file) => sum + file.deletions, 0)
    const size = `${files.length} ${files.length === 1 ? 'file' : 'files'}, +${added} −${deleted}`
    const where = run.legs.find(({ key }) => key === leg.key)?.repository ?? leg.key
    return [{ mark: 'done', what: 'Pushed', where, detail: `${shortSha(leg.head)}, against its base: ${size}` }]
  })
}

function verdict(result: JobResult | null): Told[] {
  if (result?.status !== 'finished' || result.report.verdict === undefined) return []
  const { rating, summary, comments } = result.report.verdict
  const remarks = comments.map(({ body, path, line, repository, severity }) => {
    const place = [repository, path, line].filter((part) => part !== undefined).join(':')
    return `[${severity}] ${place}: ${body}`
  })
  const what =
    comments.length === 0 ? 'Companion has no remark' : `Companion has ${comments.length === 1 ? 'a remark' : 'remarks'}`
  return [{ mark: comments.length === 0 ? 'done' : 'bad', what, detail: `rated ${rating}: ${summary}`, more: remarks }]
}

function done(step: Step, run: Run): Told[] {
  const { output } = step
  switch (output?.kind) {
    case 'approval':
      return [{ mark: 'done', what: 'Approved', where: issueOf(run), detail: `plan ${output.hash}, by ${output.by}` }]
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
