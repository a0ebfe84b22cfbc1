/** The main job: a plan that is approved, a change over two repositories, a red check that is mended, a remark taken up. */
import { statusCommentOf } from '../evidence.ts'
import { planLine } from '../history-lines.ts'
import { API, DOCS, STOREFRONT } from '../repositories.ts'
import type { Act, Scenario } from '../scenario.ts'
import { DEMO_SCRIPT, ISSUE } from '../script.ts'
import { changeSetClaims, mergedClaims } from '../verify.ts'

const PERSON = 'mona'
/** Words of the checkbox that mona ticks. */
const APPROVE = 'Approve plan'

/** Ticks the checkbox below the plan. */
const approve: Act = async ({ github, issue, botId, run }) => {
  const comment = statusCommentOf(github, issue, botId, run.id)
  const box = comment?.body.split('\n').find((line) => line.startsWith('- [ ]') && line.includes(APPROVE))
  if (comment === null || box === undefined) return null
  const plan = planLine(run)
  github.as(PERSON).tick(issue.repository, comment.id, APPROVE)
  const where = `${issue.repository}#${issue.number}`
  const label = box
    .replace(/^- \[ \] /, '')
    .replace(/ (—|<!--).*$/, '')
    .replaceAll('`', '')
  return [
    ...(plan === null ? [] : [plan]),
    { mark: 'person', what: `${PERSON} ticks the checkbox`, where, detail: `[x] ${label}` },
  ]
}

export const DEFAULT: Scenario = {
  name: 'default',
  headline: 'an issue is labelled, and merged pull requests come back in two repositories.',
  mistake: 'it makes one mistake on purpose',
  repositories: [API, STOREFRONT, DOCS],
  script: DEMO_SCRIPT,
  issue: { repository: 'acme/api', ...ISSUE },
  label: 'switchyard',
  answers: ['approve'],
  acts: [approve],
  claims: async ({ run, evidence }) => [...mergedClaims(run, evidence), ...changeSetClaims(run, evidence)],
}
