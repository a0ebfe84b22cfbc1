import { z } from 'zod'
import { ask, GitHubError } from './errors.ts'
import { fullNameOf, type Octokit, type Repository } from './octokit.ts'

/** Names that must pass before a merge into a branch; what GitHub would not tell is in `unknown`, not an error. */
export interface RequiredChecks {
  names: string[]
  unknown: string[]
}

const Branch = z.object({
  protection: z
    .object({
      required_status_checks: z.object({ contexts: z.array(z.string()).default([]) }).nullish(),
    })
    .nullish(),
})

const Rule = z.object({
  type: z.literal('required_status_checks'),
  parameters: z.object({ required_status_checks: z.array(z.object({ context: z.string() })) }),
})

/**
 * Reads the required checks from branch protection, as the branch itself tells them (the protection's own page needs
 * the right to administer), and from rulesets.
 *
 * @see https://docs.github.com/en/rest/branches/branches#get-a-branch
 * @see https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch
 */
export async function requiredChecks(octokit: Octokit, repository: Repository, branch: string): Promise<RequiredChecks> {
  const where = `${branch} of ${fullNameOf(repository)}`
  const [protection, rules] = await Promise.all([
    orUnknown(`branch protection of ${where}`, async () => {
      const { data } = await octokit.rest.repos.getBranch({ ...repository, branch })
      return Branch.parse(data).protection?.required_status_checks?.contexts ?? []
    }),
    orUnknown(`rulesets of ${where}`, async () => {
      const data = await octokit.paginate(octokit.rest.repos.getBranchRules, { ...repository, branch, per_page: 100 })
      return data.flatMap((rule) => {
        const parsed = Rule.safeParse(rule)
        return parsed.success ? parsed.data.parameters.required_status_checks.map((each) => each.context) : []
      })
    }),
  ])
  return {
    names: [...new Set([...protection.names, ...rules.names])],
    unknown: [...protection.unknown, ...rules.unknown],
  }
}

async function orUnknown(what: string, read: () => Promise<string[]>): Promise<RequiredChecks> {
  try {
    return { names: await ask(`read the ${what}`, read), unknown: [] }
  } catch (error) {
    if (error instanceof GitHubError && error.failure.cause === 'permission') return { names: [], unknown: [what] }
    throw error
  }
}
