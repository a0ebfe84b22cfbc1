/** Takes a merged pull request back by another one. https://docs.github.com/graphql/reference/mutations#revertpullrequest */
import { ApiError } from '../api-error.ts'
import { commitTree, mergeTree, NO_COMMIT, readCommit, resolveCommit, updateRef } from './git.ts'
import { identityOf } from './merge.ts'
import { type Actor, fullName, type Issue, type Repository } from './model.ts'
import { openPull, type PullIssue } from './pulls.ts'
import { refsMoved } from './pushes.ts'
import type { World } from './world.ts'

const REFUSED =
  'This pull request could not be reverted automatically. It may have already been reverted, or the content may have changed since it was merged.'

export async function revertPull(
  world: World,
  repository: Repository,
  { issue, pull }: PullIssue,
  input: { title: string | undefined; body: string | undefined; draft: boolean },
  actor: Actor,
): Promise<Issue> {
  const { merged, baseRef } = pull
  const { dir } = repository
  if (!merged) throw new ApiError(422, 'Pull request must be merged to be reverted')
  const base = (await resolveCommit(dir, `refs/heads/${baseRef}`)) ?? NO_COMMIT
  const author = identityOf(actor)
  const title = input.title ?? `Revert "${issue.title}"`
  const body = input.body ?? `Reverts ${fullName(repository)}#${issue.number}`
  // What the base was before, as a child of the merge: merged into what the base is now, it takes back just the merge.
  const before = await commitTree(dir, {
    tree: (await readCommit(dir, merged.before)).tree,
    parents: [merged.sha],
    message: title,
    author,
  })
  const tree = await mergeTree(dir, base, before)
  if (tree === null || tree === (await readCommit(dir, base)).tree) throw new ApiError(422, REFUSED)
  const sha = await commitTree(dir, { tree, parents: [base], message: `${title}\n\n${body}`, author })
  const branch = await freeBranch(dir, `revert-${issue.number}-${pull.headRef}`)
  await updateRef(dir, `refs/heads/${branch}`, sha, NO_COMMIT)
  await refsMoved(world, repository, [{ ref: `refs/heads/${branch}`, before: NO_COMMIT, after: sha }], actor)
  return openPull(world, repository, { title, body, head: branch, base: baseRef, draft: input.draft }, actor)
}

async function freeBranch(dir: string, name: string): Promise<string> {
  for (let count = 0; ; count++) {
    const branch = count === 0 ? name : `${name}-${count}`
    if ((await resolveCommit(dir, `refs/heads/${branch}`)) === null) return branch
  }
}
