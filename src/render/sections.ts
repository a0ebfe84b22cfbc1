import type { Plan, Verdict } from '../contract/report.ts'
import type { Run, Step } from '../pipeline/model.ts'
import { latestOutput } from '../pipeline/state.ts'
import { codeBlock, inlineCode } from './code-text.ts'
import { formatDuration } from './duration.ts'
import { count, countRepositories } from './money.ts'
import { safeBlock, safeLine } from './safe-text.ts'
import { verdictOf } from './verdict.ts'

/** A folded part: shown by its summary until it is opened. */
export interface Section {
  /** Plain words, without markup. */
  summary: string
  /** Markdown. */
  body: string
}

const EVIDENCE_MAX_CHARS = 8_000
const SUMMARY_MAX_CHARS = 6_000
const VERDICT_MAX_CHARS = 4_000
/** A plan must be there in full or say what it leaves out when it is to be approved: it is never dropped for its length. */
const PLAN_MAX_CHARS = 36_000
const ROWS_TRIED = [60, 30, 15, 7, 3]
const MAX_ROWS = 20
const LINE_MAX_CHARS = 300

/** The folded parts: evidence first where something failed, then what was made, then how. */
export function sectionsOf(run: Run): Section[] {
  const plan = latestOutput(run, 'plan')
  const code = latestOutput(run, 'agent')
  const review = verdictOf(run)
  return [
    ...evidence(run),
    ...(plan === null ? [] : [planSection(plan.plan, plan.hash)]),
    ...(code === null ? [] : [workSection(code.summary, code.notes)]),
    ...(review === null ? [] : [verdictSection(review)]),
    settingsSection(run),
  ]
}

function evidence({ status }: Run): Section[] {
  if (status.state !== 'failed' || status.failure.detail === undefined) return []
  return [{ summary: 'Evidence', body: codeBlock(status.failure.detail.slice(-EVIDENCE_MAX_CHARS)) }]
}

/** A plan as people read it: as many rows of each list as fit, and how many more there are. */
export function planSection(plan: Plan, hash: string): Section {
  const changed = plan.repositories.filter(({ role }) => role !== 'reference')
  let body = ''
  for (const rows of ROWS_TRIED) {
    body = planBody(plan, rows)
    if (body.length <= PLAN_MAX_CHARS) break
  }
  return { summary: `Plan ${hash}: ${countRepositories(changed.length)}, ${count(plan.files.length, 'file')}`, body }
}

function planBody(plan: Plan, rows: number): string {
  return [
    safeBlock(plan.summary, SUMMARY_MAX_CHARS),
    titled('Repositories', plan.repositories, repositoryLine, MAX_ROWS),
    titled('Files', plan.files, fileLine, rows),
    titled('Shown to work by', plan.testPlan, item, rows),
    titled('Risks', plan.risks, item, rows),
    titled('Open questions', plan.openQuestions, item, rows),
    plan.mergeOrder.length < 2 ? null : `**Merge order**: ${plan.mergeOrder.join(', then ')}`,
  ]
    .filter((part) => part !== null)
    .join('\n\n')
}

function repositoryLine({ repository, role, why }: Plan['repositories'][number]): string {
  return `- **${repository}** (${role}): ${safeLine(why, LINE_MAX_CHARS)}`
}

function fileLine({ repository, path, change }: Plan['files'][number]): string {
  return `- \`${repository}\` ${inlineCode(path)}: ${safeLine(change, LINE_MAX_CHARS)}`
}

function item(text: string): string {
  return `- ${safeLine(text, LINE_MAX_CHARS)}`
}

function titled<T>(title: string, all: readonly T[], line: (one: T) => string, rows: number): string | null {
  if (all.length === 0) return null
  const more = all.length > rows ? [`- … and ${all.length - rows} more`] : []
  return [`**${title}**`, '', ...all.slice(0, rows).map(line), ...more].join('\n')
}

function workSection(summary: string, notes: string[]): Section {
  const body = [safeBlock(summary, SUMMARY_MAX_CHARS), titled('To know', notes, item, 20)]
  return { summary: 'What was done', body: body.filter((part) => part !== null).join('\n\n') }
}

function verdictSection(verdict: Verdict): Section {
  const commentLine = ({ severity, body }: Verdict['comments'][number]) => `- ${severity}: ${safeLine(body, LINE_MAX_CHARS)}`
  return {
    summary: `Review: rated ${verdict.rating}, ${count(verdict.comments.length, 'comment')}`,
    body: [safeBlock(verdict.summary, VERDICT_MAX_CHARS), titled('Comments', verdict.comments, commentLine, 20)]
      .filter((part) => part !== null)
      .join('\n\n'),
  }
}

/** Which agent plays which role, how long it may take, who merges. */
function settingsSection(run: Run): Section {
  const rows = Object.entries(run.settings.roles).map(([role, { runtime, limits }]) => {
    const model = runtime.model === undefined ? 'its default' : inlineCode(runtime.model)
    return `| ${safeLine(role, 60)} | ${runtime.name} | ${model} | ${formatDuration(limits.durationMs)} |`
  })
  const { merge, prefix } = run.settings
  const merges = merge.by === 'auto' ? 'Switchyard merges when every condition holds' : 'a person merges'
  const steps = run.steps.filter((step: Step) => step.config.enabled).map((step) => step.id)
  return {
    summary: 'How this is done: agents, limits, who merges',
    body: [
      ['| Role | Agent | Model | At most |', '|---|---|---|---|', ...rows].join('\n'),
      `Pipeline \`${run.pipeline}\`: ${steps.join(', ')}. At the end ${merges} (method: ${merge.method}). Commands begin with \`${prefix}\`.`,
      `Asked for by ${safeLine(run.task.requestedBy.login, 100)}; the text of the task is used as it was then.`,
    ].join('\n\n'),
  }
}
