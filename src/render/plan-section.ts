import type { Plan } from '../contract/report.ts'
import { inlineCode } from './code-text.ts'
import { count, countRepositories } from './money.ts'
import { safeBlock, safeLine } from './safe-text.ts'
import { item, LINE_MAX_CHARS, type Section, stacked, TEXT_MAX_CHARS, titled } from './section.ts'

/** A plan must be there in full or say what it leaves out when it is to be approved: it is never dropped for its length. */
const PLAN_MAX_CHARS = 36_000
const ROWS_TRIED = [60, 30, 15, 7, 3]
const MAX_REPOSITORIES = 20

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
  return stacked([
    safeBlock(plan.summary, TEXT_MAX_CHARS),
    titled('Repositories', plan.repositories, repositoryLine, MAX_REPOSITORIES),
    titled('Files', plan.files, fileLine, rows),
    titled('Shown to work by', plan.testPlan, item, rows),
    titled('Risks', plan.risks, item, rows),
    titled('Open questions', plan.openQuestions, item, rows),
    plan.mergeOrder.length < 2 ? null : `**Merge order**: ${plan.mergeOrder.join(', then ')}`,
  ])
}

function repositoryLine({ repository, role, why }: Plan['repositories'][number]): string {
  return `- **${repository}** (${role}): ${safeLine(why, LINE_MAX_CHARS)}`
}

function fileLine({ repository, path, change }: Plan['files'][number]): string {
  return `- \`${repository}\` ${inlineCode(path)}: ${safeLine(change, LINE_MAX_CHARS)}`
}
