import {
  type Actor,
  type Comment,
  type Issue,
  type Label,
  nodeId,
  type Reaction,
  type ReactionContent,
  type Repository,
} from '../state/model.ts'
import { roleOf } from '../state/roles.ts'
import type { World } from '../state/world.ts'
import { accountJson } from './accounts.ts'
import { appJson } from './apps.ts'
import { repositoryPage, repositoryUrl } from './repositories.ts'

const CONTENTS: ReactionContent[] = ['+1', '-1', 'laugh', 'hooray', 'confused', 'heart', 'rocket', 'eyes']

export function labelJson(world: World, repository: Repository, label: Label) {
  return {
    id: label.id,
    node_id: nodeId('LA', label.id),
    url: `${repositoryUrl(world, repository)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: false,
    description: label.description,
  }
}

export function reactionsJson(url: string, reactions: Reaction[]) {
  const counts = Object.fromEntries(
    CONTENTS.map((content) => [content, reactions.filter((one) => one.content === content).length]),
  )
  return { url: `${url}/reactions`, total_count: reactions.length, ...counts }
}

export function reactionJson(world: World, reaction: Reaction) {
  return {
    id: reaction.id,
    node_id: nodeId('REA', reaction.id),
    user: accountJson(world, reaction.user),
    content: reaction.content,
    created_at: reaction.createdAt,
  }
}

export function association(repository: Repository, actor: Actor): string {
  if (actor.user.id === repository.owner.id) return 'OWNER'
  const role = roleOf(repository, actor.user.login)
  return role === 'none' || (role === 'read' && !repository.collaborators.has(actor.user.login.toLowerCase()))
    ? 'NONE'
    : repository.owner.type === 'Organization'
      ? 'MEMBER'
      : 'COLLABORATOR'
}

export function issueJson(world: World, repository: Repository, issue: Issue) {
  const url = `${repositoryUrl(world, repository)}/issues/${issue.number}`
  const page = `${repositoryPage(world, repository)}/${issue.pull ? 'pull' : 'issues'}/${issue.number}`
  const comments = [...repository.comments.values()].filter((comment) => comment.issue === issue).length
  return {
    url,
    repository_url: repositoryUrl(world, repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: page,
    id: issue.id,
    node_id: nodeId(issue.pull ? 'PR' : 'I', issue.id),
    number: issue.number,
    title: issue.title,
    user: accountJson(world, issue.author.user),
    labels: [...issue.labels].map((label) => labelJson(world, repository, label)),
    state: issue.state,
    locked: false,
    assignee: issue.assignees[0] ? accountJson(world, issue.assignees[0]) : null,
    assignees: issue.assignees.map((one) => accountJson(world, one)),
    milestone: null,
    comments,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    author_association: association(repository, issue.author),
    active_lock_reason: null,
    body: issue.body,
    reactions: reactionsJson(url, issue.reactions),
    timeline_url: `${url}/timeline`,
    performed_via_github_app: issue.author.app ? appJson(world, issue.author.app) : null,
    state_reason: issue.stateReason,
    ...(issue.pull
      ? {
          draft: issue.pull.draft,
          pull_request: {
            url: `${repositoryUrl(world, repository)}/pulls/${issue.number}`,
            html_url: page,
            diff_url: `${page}.diff`,
            patch_url: `${page}.patch`,
            merged_at: issue.pull.merged?.at ?? null,
          },
        }
      : {}),
  }
}

/** An issue as `GET` of one answers it: with who closed it. */
export function fullIssueJson(world: World, repository: Repository, issue: Issue) {
  return { ...issueJson(world, repository, issue), closed_by: issue.closedBy ? accountJson(world, issue.closedBy) : null }
}

export function commentJson(world: World, repository: Repository, comment: Comment) {
  const url = `${repositoryUrl(world, repository)}/issues/comments/${comment.id}`
  const kind = comment.issue.pull ? 'pull' : 'issues'
  return {
    url,
    html_url: `${repositoryPage(world, repository)}/${kind}/${comment.issue.number}#issuecomment-${comment.id}`,
    issue_url: `${repositoryUrl(world, repository)}/issues/${comment.issue.number}`,
    id: comment.id,
    node_id: nodeId('IC', comment.id),
    user: accountJson(world, comment.author.user),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: association(repository, comment.author),
    body: comment.body,
    reactions: reactionsJson(url, comment.reactions),
    performed_via_github_app: comment.author.app ? appJson(world, comment.author.app) : null,
  }
}
