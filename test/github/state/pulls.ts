/** Pull requests within one repository. */
import { ApiError, invalid, notFound } from '../api-error.ts'
import { takeFromFork } from './forks.ts'
import { listCommits, resolveCommit } from './git.ts'
import { makeIssue } from './issues.ts'
import { forgetMergeability } from './mergeability.ts'
import type { Actor, Issue, Pull, Repository } from './model.ts'
import { setRef } from './objects.ts'
import { emitPull } from './pull-events.ts'
import { timestamp, type World } from './world.ts'

export interface PullIssue {
  issue: Issue
  pull: Pull
}

export function findPull(repository: Repository, number: number): PullIssue {
  const issue = repository.issues.get(number)
  if (!issue?.pull) throw notFound()
  return { issue, pull: issue.pull }
}

export function pullsOf(repository: Repository): PullIssue[] {
  return [...repository.issues.values()].flatMap((issue) => (issue.pull ? [{ issue, pull: issue.pull }] : []))
}

export interface NewPull {
  title: string
  body?: string | null | undefined
  /** A branch, or `owner:branch`. */
  head: string
  base: string
  draft?: boolean | undefined
}

export async function openPull(world: World, repository: Repository, input: NewPull, actor: Actor): Promise<Issue> {
  const colon = input.head.indexOf(':')
  const headRef = colon < 0 ? input.head : input.head.slice(colon + 1)
  const owner = colon < 0 ? repository.owner.login : input.head.slice(0, colon)
  const taken = owner === repository.owner.login ? null : await takeFromFork(world, repository, owner, headRef)
  if (taken === null && owner !== repository.owner.login) throw invalid('PullRequest', 'head')
  const fork = taken?.fork ?? null
  const headSha = taken?.sha ?? (await resolveCommit(repository.dir, `refs/heads/${headRef}`))
  if (headSha === null) throw invalid('PullRequest', 'head')
  const baseSha = await resolveCommit(repository.dir, `refs/heads/${input.base}`)
  if (baseSha === null) throw invalid('PullRequest', 'base')
  if ((await listCommits(repository.dir, baseSha, headSha)).length === 0) {
    throw custom(`No commits between ${input.base} and ${headRef}`)
  }
  // No await from here to the end of making it: two requests at once must not both open one.
  const twin = pullsOf(repository).find(
    ({ issue, pull }) =>
      issue.state === 'open' && pull.fork === fork && pull.headRef === headRef && pull.baseRef === input.base,
  )
  if (twin) throw custom(`A pull request already exists for ${owner}:${headRef}.`)

  const issue = makeIssue(world, repository, input, actor)
  const pull: Pull = {
    id: world.nextId(),
    fork,
    headRef,
    headSha,
    baseRef: input.base,
    baseSha,
    draft: input.draft ?? false,
    mergeable: null,
    generation: 0,
    computing: false,
    counted: null,
    merged: null,
    autoMerge: null,
    requestedReviewers: [],
    reviews: [],
    threads: [],
  }
  issue.pull = pull
  await setRef(repository.dir, `refs/pull/${issue.number}/head`, headSha, null)
  // A push between the first look at head and the pull request being there is not lost.
  if (fork === null) pull.headSha = (await resolveCommit(repository.dir, `refs/heads/${headRef}`)) ?? headSha
  emitPull(world, repository, issue, pull, 'opened', actor)
  return issue
}

function custom(message: string): ApiError {
  return new ApiError(422, 'Validation Failed', { errors: [{ resource: 'PullRequest', code: 'custom', message }] })
}

export function setDraft(world: World, repository: Repository, { issue, pull }: PullIssue, draft: boolean, actor: Actor): void {
  if (pull.draft === draft) return
  pull.draft = draft
  issue.updatedAt = timestamp(world)
  emitPull(world, repository, issue, pull, draft ? 'converted_to_draft' : 'ready_for_review', actor)
  world.settle(repository)
}

export async function changeBase(
  world: World,
  repository: Repository,
  one: PullIssue,
  base: string,
  actor: Actor,
): Promise<void> {
  const { issue, pull } = one
  if (base === pull.baseRef) return
  const sha = await resolveCommit(repository.dir, `refs/heads/${base}`)
  if (sha === null) throw invalid('PullRequest', 'base')
  const changes = { base: { ref: { from: pull.baseRef }, sha: { from: pull.baseSha } } }
  pull.baseRef = base
  pull.baseSha = sha
  forgetMergeability(pull)
  emitPull(world, repository, issue, pull, 'edited', actor, { changes })
}
