import { diffFiles, listCommits, mergeBase } from '../state/git.ts'
import { mergeableState } from '../state/mergeability.ts'
import {
  type Issue,
  nodeId,
  type Pull,
  type PullCounts,
  type Repository,
  type Review,
  type ReviewComment,
} from '../state/model.ts'
import type { World } from '../state/world.ts'
import { accountJson } from './accounts.ts'
import { association, issueJson, labelJson, reactionsJson } from './issues.ts'
import { repositoryJson, repositoryPage, repositoryUrl } from './repositories.ts'

/** GitHub's `pull-request-simple`, as in lists. */
export function simplePullJson(world: World, repository: Repository, issue: Issue, pull: Pull) {
  const api = repositoryUrl(world, repository)
  const url = `${api}/pulls/${issue.number}`
  const issueUrl = `${api}/issues/${issue.number}`
  const page = `${repositoryPage(world, repository)}/pull/${issue.number}`
  const side = (ref: string, sha: string, of = repository) => ({
    label: `${of.owner.login}:${ref}`,
    ref,
    sha,
    user: accountJson(world, of.owner),
    repo: repositoryJson(world, of),
  })
  const statuses = `${api}/statuses/${pull.headSha}`
  return {
    url,
    id: pull.id,
    node_id: nodeId('PR', issue.id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issueUrl,
    number: issue.number,
    state: issue.state,
    locked: false,
    title: issue.title,
    user: accountJson(world, issue.author.user),
    body: issue.body,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    merged_at: pull.merged?.at ?? null,
    merge_commit_sha: pull.merged?.sha ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: pull.requestedReviewers.map((one) => accountJson(world, one)),
    requested_teams: [],
    labels: [...issue.labels].map((label) => labelJson(world, repository, label)),
    milestone: null,
    draft: pull.draft,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${api}/pulls/comments{/number}`,
    comments_url: `${issueUrl}/comments`,
    statuses_url: statuses,
    head: side(pull.headRef, pull.headSha, pull.fork ?? repository),
    base: side(pull.baseRef, pull.baseSha),
    _links: {
      self: { href: url },
      html: { href: page },
      issue: { href: issueUrl },
      comments: { href: `${issueUrl}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${api}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: statuses },
    },
    author_association: association(repository, issue.author),
    auto_merge:
      pull.autoMerge === null
        ? null
        : {
            enabled_by: accountJson(world, pull.autoMerge.enabledBy.user),
            merge_method: pull.autoMerge.method,
            commit_title: pull.autoMerge.title ?? '',
            commit_message: pull.autoMerge.message ?? '',
          },
    active_lock_reason: null,
  }
}

/** GitHub's `pull-request`, with what git says of it. */
export async function pullJson(world: World, repository: Repository, issue: Issue, pull: Pull) {
  const counts = await countsOf(repository, pull)
  const state = await mergeableState(repository, issue, pull)
  return {
    ...simplePullJson(world, repository, issue, pull),
    merged: pull.merged !== null,
    mergeable: pull.merged ? null : pull.mergeable,
    rebaseable: pull.merged ? null : pull.mergeable,
    mergeable_state: state,
    merged_by: pull.merged ? accountJson(world, pull.merged.by) : null,
    comments: issueJson(world, repository, issue).comments,
    review_comments: pull.threads.reduce((sum, thread) => sum + thread.comments.length, 0),
    maintainer_can_modify: false,
    ...counts,
  }
}

async function countsOf({ dir }: Repository, pull: Pull): Promise<PullCounts> {
  const { baseSha, headSha } = pull
  const of = `${baseSha} ${headSha}`
  if (pull.counted?.of === of) return pull.counted.counts
  const from = (await mergeBase(dir, baseSha, headSha)) ?? baseSha
  const files = await diffFiles(dir, from, headSha)
  const counts = {
    commits: (await listCommits(dir, baseSha, headSha)).length,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changed_files: files.length,
  }
  pull.counted = { of, counts }
  return counts
}

export function reviewJson(world: World, repository: Repository, issue: Issue, review: Review) {
  const page = `${repositoryPage(world, repository)}/pull/${issue.number}`
  const html = `${page}#pullrequestreview-${review.id}`
  const pullUrl = `${repositoryUrl(world, repository)}/pulls/${issue.number}`
  return {
    id: review.id,
    node_id: nodeId('PRR', review.id),
    user: accountJson(world, review.author.user),
    body: review.body,
    state: review.state,
    html_url: html,
    pull_request_url: pullUrl,
    author_association: association(repository, review.author),
    _links: { html: { href: html }, pull_request: { href: pullUrl } },
    submitted_at: review.submittedAt,
    commit_id: review.commitId,
  }
}

export function reviewCommentJson(world: World, repository: Repository, issue: Issue, comment: ReviewComment) {
  const url = `${repositoryUrl(world, repository)}/pulls/comments/${comment.id}`
  const html = `${repositoryPage(world, repository)}/pull/${issue.number}#discussion_r${comment.id}`
  const pullUrl = `${repositoryUrl(world, repository)}/pulls/${issue.number}`
  return {
    url,
    pull_request_review_id: comment.reviewId,
    id: comment.id,
    node_id: nodeId('PRRC', comment.id),
    diff_hunk: comment.diffHunk,
    path: comment.path,
    commit_id: comment.commitId,
    original_commit_id: comment.commitId,
    user: accountJson(world, comment.author.user),
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    html_url: html,
    pull_request_url: pullUrl,
    author_association: association(repository, comment.author),
    _links: { self: { href: url }, html: { href: html }, pull_request: { href: pullUrl } },
    reactions: reactionsJson(url, comment.reactions),
    start_line: null,
    original_start_line: null,
    start_side: null,
    line: comment.line,
    original_line: comment.line,
    side: comment.side,
    position: 1,
    original_position: 1,
    subject_type: 'line',
    ...(comment.inReplyTo === null ? {} : { in_reply_to_id: comment.inReplyTo }),
  }
}
