import { HeadSha } from '../contract/ids.ts'
import { ask, askOrNull, GitHubError } from './errors.ts'
import { fullNameOf, type Octokit, type Repository } from './octokit.ts'

/** The commit a branch points to; null where there is no such branch. */
export async function branchHead(octokit: Octokit, repository: Repository, branch: string): Promise<HeadSha | null> {
  return askOrNull(`read the branch ${branch} of ${fullNameOf(repository)}`, async () => {
    const { data } = await octokit.rest.git.getRef({ ...repository, ref: `heads/${branch}` })
    return HeadSha.parse(data.object.sha)
  })
}

/**
 * Deletes a branch; one that is gone already is fine.
 *
 * @throws GitHubError when the branch is still there, for instance protected
 */
export async function deleteBranch(octokit: Octokit, repository: Repository, branch: string): Promise<void> {
  try {
    await ask(`delete the branch ${branch} of ${fullNameOf(repository)}`, () =>
      octokit.rest.git.deleteRef({ ...repository, ref: `heads/${branch}` }),
    )
  } catch (error) {
    // 422 stands for "no such ref" as well as for "protected": look which.
    const maybeGone = error instanceof GitHubError && (error.status === 404 || error.status === 422)
    if (maybeGone && (await branchHead(octokit, repository, branch)) === null) return
    throw error
  }
}

/**
 * The branches whose names begin so, with their heads, all in one answer.
 * Follows https://docs.github.com/en/rest/git/refs#list-matching-references.
 */
export async function branchesBeginning(
  octokit: Octokit,
  repository: Repository,
  beginning: string,
): Promise<{ branch: string; head: HeadSha }[]> {
  return ask(`list the branches ${beginning}* of ${fullNameOf(repository)}`, async () => {
    const { data } = await octokit.rest.git.listMatchingRefs({ ...repository, ref: `heads/${beginning}` })
    return data.map(({ ref, object }) => ({ branch: ref.slice('refs/heads/'.length), head: HeadSha.parse(object.sha) }))
  })
}

/**
 * How many commits of `head` are not in `base`. Both are commits of this repository.
 * Follows https://docs.github.com/en/rest/commits/commits#compare-two-commits.
 */
export async function commitsAhead(octokit: Octokit, repository: Repository, base: HeadSha, head: HeadSha): Promise<number> {
  return ask(`compare ${base} and ${head} in ${fullNameOf(repository)}`, async () => {
    const basehead = `${base}...${head}`
    const { data } = await octokit.rest.repos.compareCommitsWithBasehead({ ...repository, basehead, per_page: 1 })
    return data.ahead_by
  })
}
