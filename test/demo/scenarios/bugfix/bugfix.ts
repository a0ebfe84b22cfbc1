/** A bug from its report to its merged fix, with people in between and a real conflict. */
import type { Scenario } from '../../scenario.ts'
import { bugfixClaims } from './claims.ts'
import { ACTS } from './people.ts'
import { BUGGY_API, REPOSITORY } from './repository.ts'
import { BUGFIX_SCRIPT } from './script.ts'

export const BUGFIX: Scenario = {
  name: 'bugfix',
  headline: 'a bug is reported, and its fix comes back diagnosed, validated, reviewed by a person, and merged.',
  mistake: 'it forgets the changelog on purpose',
  repositories: [BUGGY_API],
  script: BUGFIX_SCRIPT,
  prepare(github) {
    const rules = { requiredApprovals: 1, dismissStale: true, resolvedThreads: true }
    github.inspect().protect(REPOSITORY, 'main', rules)
  },
  issue: {
    repository: REPOSITORY,
    title: 'GET /items answers 404 with a query string',
    body: 'Our newsletter links to `/items?sort=price`, and that is a 404. `/items` alone works.\n',
  },
  label: 'switchyard:bugfix',
  answers: ['answers'],
  acts: ACTS,
  claims: bugfixClaims,
}
