import { ApiError } from '../api-error.ts'
import { accountJson } from '../render/accounts.ts'
import { commitJson, fileJson } from '../render/commits.ts'
import { pullJson, simplePullJson } from '../render/pulls.ts'
import { diffFiles, listCommits, mergeBase, readCommit } from '../state/git.ts'
import { editIssue, setIssueState } from '../state/issues.ts'
import { mergePull } from '../state/merge.ts'
import { computeMergeability } from '../state/mergeability.ts'
import { emitPull } from '../state/pull-events.ts'
import { changeBase, findPull, openPull, type PullIssue, pullsOf } from '../state/pulls.ts'
import { account } from '../state/world.ts'
import { actorOf } from './actor.ts'
import { integer, nullableText, optionalChoice, optionalFlag, optionalText, optionalTexts, text } from './input.ts'
import { page } from './paging.ts'
import { ok, type Reply, type RepositoryCall, type Route, repositoryRoute } from './registry.ts'

/** https://docs.github.com/rest/pulls/pulls */
export const pullRoutes: Route[] = [
  repositoryRoute('GET', '/pulls', 'pull_requests:read', (call) => {
    const { world, repository, query } = call
    const state = query.get('state') ?? 'open'
    const head = query.get('head')
    const base = query.get('base')
    const found = pullsOf(repository).filter(
      ({ issue, pull }) =>
        (state === 'all' || issue.state === state) &&
        (head === null || head === `${(pull.fork ?? repository).owner.login}:${pull.headRef}`) &&
        (base === null || base === pull.baseRef),
    )
    if (query.get('direction') !== 'asc') found.reverse()
    return page(call, found, ({ issue, pull }) => simplePullJson(world, repository, issue, pull))
  }),
  repositoryRoute('POST', '/pulls', 'pull_requests:write', async (call) => {
    const { world, repository, body } = call
    const input = {
      title: text(body, 'title'),
      body: nullableText(body, 'body'),
      head: text(body, 'head'),
      base: text(body, 'base'),
      draft: optionalFlag(body, 'draft'),
    }
    const issue = await openPull(world, repository, input, actorOf(call))
    return answer(call, findPull(repository, issue.number), 201)
  }),
  repositoryRoute('GET', '/pulls/{pull_number}', 'pull_requests:read', async (call) => {
    const one = pullOf(call)
    const reply = await answer(call, one)
    // The first to ask is told that it is not known yet, and starts the work.
    computeMergeability(call.world, call.repository, one.pull).catch((error: unknown) => {
      call.world.log('mergeability failed', { error: String(error) })
    })
    return reply
  }),
  repositoryRoute('PATCH', '/pulls/{pull_number}', 'pull_requests:write', async (call) => {
    const { world, repository, body } = call
    const one = pullOf(call)
    const actor = actorOf(call)
    editIssue(world, repository, one.issue, { title: optionalText(body, 'title'), body: nullableText(body, 'body') }, actor)
    const base = optionalText(body, 'base')
    if (base !== undefined) await changeBase(world, repository, one, base, actor)
    const state = optionalChoice(body, 'state', ['open', 'closed'])
    if (state === 'open' && one.pull.merged) throw new ApiError(422, 'Validation Failed')
    if (state) setIssueState(world, repository, one.issue, state, null, actor)
    return answer(call, one)
  }),
  repositoryRoute('PUT', '/pulls/{pull_number}/merge', 'contents:write', async (call) => {
    const { world, repository, body } = call
    const sha = await mergePull(
      world,
      repository,
      pullOf(call),
      {
        sha: optionalText(body, 'sha'),
        method: optionalChoice(body, 'merge_method', ['merge', 'squash', 'rebase']),
        title: optionalText(body, 'commit_title'),
        message: optionalText(body, 'commit_message'),
      },
      actorOf(call),
    )
    return ok({ sha, merged: true, message: 'Pull Request successfully merged' })
  }),
  repositoryRoute('GET', '/pulls/{pull_number}/merge', 'pull_requests:read', (call) => {
    if (!pullOf(call).pull.merged) throw new ApiError(404, 'Not Found')
    return { status: 204 }
  }),
  repositoryRoute('GET', '/pulls/{pull_number}/files', 'pull_requests:read', async (call) => {
    const { world, repository } = call
    const { pull } = pullOf(call)
    const from = (await mergeBase(repository.dir, pull.baseSha, pull.headSha)) ?? pull.baseSha
    return page(call, await diffFiles(repository.dir, from, pull.headSha), (file) =>
      fileJson(world, repository, pull.headSha, file),
    )
  }),
  repositoryRoute('GET', '/pulls/{pull_number}/commits', 'pull_requests:read', async (call) => {
    const { world, repository } = call
    const { pull } = pullOf(call)
    const shas = await listCommits(repository.dir, pull.baseSha, pull.headSha)
    return page(call, shas, async (sha) => commitJson(world, repository, await readCommit(repository.dir, sha)))
  }),
  repositoryRoute('GET', '/pulls/{pull_number}/requested_reviewers', 'pull_requests:read', (call) =>
    ok({ users: pullOf(call).pull.requestedReviewers.map((one) => accountJson(call.world, one)), teams: [] }),
  ),
  repositoryRoute('POST', '/pulls/{pull_number}/requested_reviewers', 'pull_requests:write', (call) => {
    const { world, repository, body } = call
    const one = pullOf(call)
    for (const login of optionalTexts(body, 'reviewers') ?? []) {
      const reviewer = account(world, login)
      if (reviewer.id === one.issue.author.user.id)
        throw new ApiError(422, 'Review cannot be requested from pull request author.')
      if (one.pull.requestedReviewers.includes(reviewer)) continue
      one.pull.requestedReviewers.push(reviewer)
      const requested_reviewer = accountJson(world, reviewer)
      emitPull(world, repository, one.issue, one.pull, 'review_requested', actorOf(call), { requested_reviewer })
    }
    return ok(simplePullJson(world, repository, one.issue, one.pull), 201)
  }),
]

export function pullOf(call: RepositoryCall): PullIssue {
  return findPull(call.repository, integer(call.params.pull_number))
}

async function answer({ world, repository }: RepositoryCall, { issue, pull }: PullIssue, status = 200): Promise<Reply> {
  return ok(await pullJson(world, repository, issue, pull), status)
}
