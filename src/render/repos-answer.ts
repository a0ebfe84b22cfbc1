/** `/yard repos`: the repositories of a run. */
import type { Leg, Run } from '../pipeline/model.ts'
import { inlineCode } from './code-text.ts'
import { pullLink, pullState, revertWords, short } from './pull-lines.ts'

/** Markdown: a table, in the order of the run's legs. */
export function reposAnswer(run: Run): string {
  return [
    '| Repository | Role | Access | Branch | Newest commit | Pull request |',
    '|---|---|---|---|---|---|',
    ...run.legs.map((leg) => `| ${cells(run, leg).join(' | ')} |`),
  ].join('\n')
}

function cells(run: Run, leg: Leg): string[] {
  return [
    leg.repository,
    leg.role,
    access(leg),
    leg.head === null
      ? `none yet; from ${inlineCode(leg.baseBranch)}`
      : `${inlineCode(leg.workBranch)} on ${inlineCode(leg.baseBranch)}`,
    leg.head === null ? 'none' : inlineCode(short(leg.head)),
    pull(run, leg),
  ]
}

function access({ access: given, planned, dropped }: Leg): string {
  if (dropped) return 'left out'
  if (given === 'read') return 'read'
  return planned ? 'write' : 'read: the plan leaves it out'
}

function pull(run: Run, leg: Leg): string {
  if (leg.pull === null) return 'none'
  const words = [pullLink({ ...leg, pull: leg.pull }), pullState(run, leg), revertWords(leg)]
  return words.filter((part) => part !== '').join(', ')
}
