import { ApiError } from '../api-error.ts'
import { fullIssueJson, issueJson, labelJson } from '../render/issues.ts'
import { editIssue, findIssue, openIssue, setIssueState } from '../state/issues.ts'
import { addLabels, createLabel, deleteLabel, findLabel, removeLabel, setLabels, updateLabel } from '../state/labels.ts'
import type { Issue } from '../state/model.ts'
import { account } from '../state/world.ts'
import { actorOf } from './actor.ts'
import { permitted } from './authenticate.ts'
import { integer, nullableText, optionalChoice, optionalText, optionalTexts, text } from './input.ts'
import { page } from './paging.ts'
import { noContent, ok, type RepositoryCall, type Route, repositoryRoute } from './registry.ts'

const READ = 'issues:read|pull_requests:read'
const WRITE = 'issues:write|pull_requests:write'

/** https://docs.github.com/rest/issues */
export const issueRoutes: Route[] = [
  repositoryRoute('GET', '/issues', READ, (call) => {
    const state = call.query.get('state') ?? 'open'
    const labels = (call.query.get('labels') ?? '').split(',').filter((name) => name !== '')
    const since = call.query.get('since')
    const creator = call.query.get('creator')?.toLowerCase() ?? null
    const found = [...call.repository.issues.values()].filter(
      (issue) =>
        (state === 'all' || issue.state === state) &&
        labels.every((name) => [...issue.labels].some((label) => label.name.toLowerCase() === name.toLowerCase())) &&
        (creator === null || issue.author.user.login.toLowerCase() === creator) &&
        (since === null || issue.updatedAt >= since),
    )
    if (call.query.get('direction') !== 'asc') found.reverse()
    return page(call, found, (issue) => issueJson(call.world, call.repository, issue))
  }),
  repositoryRoute('POST', '/issues', 'issues:write', (call) => {
    const { world, repository, body } = call
    const input = {
      title: text(body, 'title'),
      body: nullableText(body, 'body'),
      labels: optionalTexts(body, 'labels'),
      assignees: optionalTexts(body, 'assignees')?.map((login) => account(world, login)),
    }
    return ok(fullIssueJson(world, repository, openIssue(world, repository, input, actorOf(call))), 201)
  }),
  repositoryRoute('GET', '/issues/{issue_number}', READ, (call) => answer(call, issueOf(call, 'read'))),
  repositoryRoute('PATCH', '/issues/{issue_number}', WRITE, (call) => {
    const { world, repository, body } = call
    const issue = issueOf(call, 'write')
    const actor = actorOf(call)
    editIssue(world, repository, issue, { title: optionalText(body, 'title'), body: nullableText(body, 'body') }, actor)
    const labels = optionalTexts(body, 'labels')
    if (labels) setLabels(world, repository, issue, labels, actor)
    const assignees = optionalTexts(body, 'assignees')
    if (assignees) issue.assignees = assignees.map((login) => account(world, login))
    const state = optionalChoice(body, 'state', ['open', 'closed'])
    const reason = optionalChoice(body, 'state_reason', ['completed', 'not_planned', 'duplicate', 'reopened']) ?? null
    if (state) setIssueState(world, repository, issue, state, reason, actor)
    return answer(call, issue)
  }),
  repositoryRoute('GET', '/issues/{issue_number}/labels', READ, (call) =>
    page(call, [...issueOf(call, 'read').labels], (label) => labelJson(call.world, call.repository, label)),
  ),
  repositoryRoute('POST', '/issues/{issue_number}/labels', WRITE, (call) => {
    const issue = issueOf(call, 'write')
    addLabels(call.world, call.repository, issue, optionalTexts(call.body, 'labels') ?? [], actorOf(call))
    return answerLabels(call, issue)
  }),
  repositoryRoute('PUT', '/issues/{issue_number}/labels', WRITE, (call) => {
    const issue = issueOf(call, 'write')
    setLabels(call.world, call.repository, issue, optionalTexts(call.body, 'labels') ?? [], actorOf(call))
    return answerLabels(call, issue)
  }),
  repositoryRoute('DELETE', '/issues/{issue_number}/labels/{name}', WRITE, (call) => {
    const issue = issueOf(call, 'write')
    removeLabel(call.world, call.repository, issue, call.params.name ?? '', actorOf(call))
    return answerLabels(call, issue)
  }),
  repositoryRoute('GET', '/labels', READ, (call) =>
    page(call, [...call.repository.labels.values()], (label) => labelJson(call.world, call.repository, label)),
  ),
  repositoryRoute('POST', '/labels', WRITE, (call) => {
    const { world, repository, body } = call
    const color = optionalText(body, 'color')
    if (color !== undefined && !/^[0-9a-f]{6}$/i.test(color)) {
      throw new ApiError(422, 'Validation Failed', { errors: [{ resource: 'Label', code: 'invalid', field: 'color' }] })
    }
    const label = createLabel(world, repository, {
      name: text(body, 'name'),
      color,
      description: nullableText(body, 'description'),
    })
    return ok(labelJson(world, repository, label), 201)
  }),
  repositoryRoute('GET', '/labels/{name}', READ, ({ world, repository, params }) =>
    ok(labelJson(world, repository, findLabel(repository, params.name ?? ''))),
  ),
  repositoryRoute('PATCH', '/labels/{name}', WRITE, ({ world, repository, params, body }) => {
    const change = {
      new_name: optionalText(body, 'new_name'),
      color: optionalText(body, 'color'),
      description: nullableText(body, 'description'),
    }
    return ok(labelJson(world, repository, updateLabel(repository, params.name ?? '', change)))
  }),
  repositoryRoute('DELETE', '/labels/{name}', WRITE, ({ repository, params }) => {
    deleteLabel(repository, params.name ?? '')
    return noContent
  }),
]

/** An issue proper needs the issues permission; a pull request is reached with either. */
export function issueOf(call: RepositoryCall, level: 'read' | 'write'): Issue {
  const issue = findIssue(call.repository, integer(call.params.issue_number))
  requireFor(call, issue, level)
  return issue
}

export function requireFor(call: RepositoryCall, issue: Issue, level: 'read' | 'write'): void {
  if (issue.pull || (level === 'read' && !call.repository.private)) return
  if (!permitted(call.token, [{ issues: level }])) {
    throw new ApiError(403, 'Resource not accessible by integration', {
      headers: { 'x-accepted-github-permissions': `issues=${level}` },
    })
  }
}

function answer({ world, repository }: RepositoryCall, issue: Issue) {
  return ok(fullIssueJson(world, repository, issue))
}

function answerLabels({ world, repository }: RepositoryCall, issue: Issue) {
  return ok([...issue.labels].map((label) => labelJson(world, repository, label)))
}
