/** What follows when branches move, whether by a push, by the API or by a merge. */

import type { RefUpdate } from '../git-http.ts'
import { pushCommitJson } from '../render/commits.ts'
import { pushRepositoryJson, repositoryPage } from '../render/repositories.ts'
import { emit } from '../webhooks/emit.ts'
import { openSuites } from './checks.ts'
import { diffFiles, isAncestor, listCommits, mergeBase, NO_COMMIT, readCommit, resolveCommit } from './git.ts'
import { setIssueState } from './issues.ts'
import { forgetMergeability } from './mergeability.ts'
import type { Actor, Repository } from './model.ts'
import { moveRef } from './objects.ts'
import { emitPull } from './pull-events.ts'
import { pullsOf } from './pulls.ts'
import { reviewsAfterPush } from './review-changes.ts'
import { timestamp, type World } from './world.ts'

const MOST_COMMITS_IN_PUSH = 20

/** Takes note of moved refs: pull requests follow, webhooks go out, CI starts. */
export async function refsMoved(world: World, repository: Repository, updates: RefUpdate[], actor: Actor): Promise<void> {
  repository.pushedAt = timestamp(world)
  for (const update of updates) {
    if (!update.ref.startsWith('refs/heads/') && !update.ref.startsWith('refs/tags/')) continue
    await followPulls(world, repository, update, actor)
    await tell(world, repository, update, actor)
    if (update.after === NO_COMMIT || !update.ref.startsWith('refs/heads/')) continue
    const branch = update.ref.slice('refs/heads/'.length)
    openSuites(world, repository, branch, update.after, update.before)
    world.runCi(repository, branch, update.after)
  }
  world.settle(repository)
}

async function followPulls(world: World, repository: Repository, update: RefUpdate, actor: Actor): Promise<void> {
  const branch = update.ref.slice('refs/heads/'.length)
  const gone = update.after === NO_COMMIT
  for (const { issue, pull } of pullsOf(repository)) {
    if (issue.state !== 'open' || pull.merged) continue
    if (pull.fork === null && pull.headRef === branch && update.ref.startsWith('refs/heads/')) {
      if (gone) {
        setIssueState(world, repository, issue, 'closed', null, actor)
        continue
      }
      pull.headSha = update.after
      issue.updatedAt = timestamp(world)
      forgetMergeability(pull)
      await moveRef(repository.dir, `refs/pull/${issue.number}/head`, update.after)
      emitPull(world, repository, issue, pull, 'synchronize', actor, { before: update.before, after: update.after })
      await reviewsAfterPush(world, repository, { issue, pull }, actor)
    }
    if (pull.baseRef === branch && !gone) {
      pull.baseSha = update.after
      forgetMergeability(pull)
      if (await isAncestor(repository.dir, pull.headSha, update.after)) {
        pull.merged = { at: timestamp(world), by: actor.user, sha: update.after, before: update.before }
        setIssueState(world, repository, issue, 'closed', null, actor)
      }
    }
  }
}

async function tell(world: World, repository: Repository, { ref, before, after }: RefUpdate, actor: Actor): Promise<void> {
  const created = before === NO_COMMIT
  const deleted = after === NO_COMMIT
  const short = ref.replace(/^refs\/(heads|tags)\//, '')
  const kind = ref.startsWith('refs/tags/') ? 'tag' : 'branch'
  if (created || deleted) {
    emit(world, repository, created ? 'create' : 'delete', null, actor, {
      ref: short,
      ref_type: kind,
      pusher_type: 'user',
      ...(created ? { full_ref: ref, master_branch: repository.defaultBranch, description: repository.description } : {}),
    })
  }
  const from = created ? await forkPoint(repository, short, after) : before
  const shas = deleted ? [] : await listCommits(repository.dir, from, after)
  const commits = []
  for (const sha of shas.slice(-MOST_COMMITS_IN_PUSH)) commits.push(await pushCommit(world, repository, sha))
  const page = repositoryPage(world, repository)
  emit(
    world,
    repository,
    'push',
    null,
    actor,
    {
      ref,
      before,
      after,
      base_ref: null,
      created,
      deleted,
      forced: !created && !deleted && !(await isAncestor(repository.dir, before, after)),
      compare: `${page}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`,
      commits,
      head_commit: deleted ? null : (commits.at(-1) ?? (await pushCommit(world, repository, after))),
      pusher: { name: actor.user.login, email: `${actor.user.login}@users.noreply.localhost` },
    },
    { repository: pushRepositoryJson(world, repository) },
  )
}

async function forkPoint(repository: Repository, branch: string, after: string): Promise<string | null> {
  if (branch === repository.defaultBranch) return null
  const base = `refs/heads/${repository.defaultBranch}`
  const tip = await resolveCommit(repository.dir, base)
  return tip === null ? null : mergeBase(repository.dir, tip, after)
}

async function pushCommit(world: World, repository: Repository, sha: string) {
  const commit = await readCommit(repository.dir, sha)
  const parent = commit.parents[0]
  const files = parent === undefined ? [] : await diffFiles(repository.dir, parent, sha)
  return pushCommitJson(world, repository, commit, files)
}
