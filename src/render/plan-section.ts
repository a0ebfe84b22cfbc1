import type { Plan } from '../contract/report.ts'
import { inlineCode } from './code-text.ts'
import { count, countRepositories } from './money.ts'
import { safeBlock, safeLine } from './safe-text.ts'
import { LINE_MAX_CHARS, type Section, stacked, TEXT_MAX_CHARS, titled } from './section.ts'

/**
 * A plan must be there in full when it is to be approved: it is never dropped for its length, and what does not fit here
 * stands in a comment of its own.
 */
const PLAN_MAX_CHARS = 36_000
const WHOLE = { rows: Number.POSITIVE_INFINITY, text: 20_000, line: 4_000 }
const SHORTER = [60, 30, 15, 7, 3].map((rows) => ({ rows, text: TEXT_MAX_CHARS, line: LINE_MAX_CHARS }))
type Lengths = typeof WHOLE

/** A plan as people read it: all of it, or as many rows of each list as fit; `whole` is where all of it stands then. */
export function planSection(plan: Plan, hash: string, whole: string | null = null): Section {
  const changed = plan.repositories.filter(({ role }) => role !== 'reference')
  const bodies = [WHOLE, ...SHORTER].map((lengths) => planBody(plan, lengths))
  const fits = bodies.findIndex((text) => text.length <= PLAN_MAX_CHARS)
  const shown = bodies.at(fits) ?? ''
  const body =
    fits === 0 || whole === null ? shown : stacked([`Shortened. [The whole plan](${whole}) is in a comment of its own.`, shown])
  return { summary: `Plan ${hash}: ${countRepositories(changed.length)}, ${count(plan.files.length, 'file')}`, body }
}

/** All of a plan, however long. */
export function wholePlan(plan: Plan): string {
  return planBody(plan, WHOLE)
}

/** Whether the status comment shows less than all of it. */
export function planIsShortened(plan: Plan): boolean {
  return wholePlan(plan).length > PLAN_MAX_CHARS
}

function planBody(plan: Plan, { rows, text, line }: Lengths): string {
  const item = (words: string) => `- ${safeLine(words, line)}`
  return stacked([
    safeBlock(plan.summary, text),
    titled('Repositories', plan.repositories, (one) => repositoryLine(one, line), plan.repositories.length),
    titled('Files', plan.files, (one) => fileLine(one, line), rows),
    titled('Shown to work by', plan.testPlan, item, rows),
    titled('Risks', plan.risks, item, rows),
    titled('Open questions', plan.openQuestions, item, rows),
    plan.mergeOrder.length < 2 ? null : `**Merge order**: ${plan.mergeOrder.join(', then ')}`,
  ])
}

function repositoryLine({ repository, role, why }: Plan['repositories'][number], max: number): string {
  return `- **${repository}** (${role}): ${safeLine(why, max)}`
}

function fileLine({ repository, path, change }: Plan['files'][number], max: number): string {
  return `- \`${repository}\` ${inlineCode(path, max)}: ${safeLine(change, max)}`
}
