/** Labels of a repository and on its issues. */
import { ApiError, invalid, notFound } from '../api-error.ts'
import { issueJson, labelJson } from '../render/issues.ts'
import { simplePullJson } from '../render/pulls.ts'
import { emit } from '../webhooks/emit.ts'
import type { Actor, Issue, Label, Repository } from './model.ts'
import { timestamp, type World } from './world.ts'

const DEFAULT_COLOR = 'ededed'
const LONGEST_NAME = 50
const LONGEST_DESCRIPTION = 100

export function findLabel(repository: Repository, name: string): Label {
  const label = repository.labels.get(name.toLowerCase())
  if (!label) throw notFound()
  return label
}

export function createLabel(
  world: World,
  repository: Repository,
  input: { name: string; color?: string | undefined; description?: string | null | undefined },
): Label {
  if (repository.labels.has(input.name.toLowerCase())) {
    throw new ApiError(422, 'Validation Failed', { errors: [{ resource: 'Label', code: 'already_exists', field: 'name' }] })
  }
  if (input.name.length > LONGEST_NAME) throw invalid('Label', 'name', 'too_long')
  if ((input.description ?? '').length > LONGEST_DESCRIPTION) throw invalid('Label', 'description', 'too_long')
  const label: Label = {
    id: world.nextId(),
    name: input.name,
    color: input.color ?? DEFAULT_COLOR,
    description: input.description ?? null,
  }
  repository.labels.set(input.name.toLowerCase(), label)
  return label
}

export function updateLabel(
  repository: Repository,
  name: string,
  change: { new_name?: string | undefined; color?: string | undefined; description?: string | null | undefined },
): Label {
  const label = findLabel(repository, name)
  repository.labels.delete(label.name.toLowerCase())
  label.name = change.new_name ?? label.name
  label.color = change.color ?? label.color
  if (change.description !== undefined) label.description = change.description
  repository.labels.set(label.name.toLowerCase(), label)
  return label
}

export function deleteLabel(repository: Repository, name: string): void {
  const label = findLabel(repository, name)
  repository.labels.delete(label.name.toLowerCase())
  for (const issue of repository.issues.values()) issue.labels.delete(label)
}

/** Puts labels on; ones the repository lacks are made, as GitHub does. */
export function addLabels(world: World, repository: Repository, issue: Issue, names: string[], actor: Actor): void {
  for (const name of names) {
    const label = repository.labels.get(name.toLowerCase()) ?? createLabel(world, repository, { name })
    if (issue.labels.has(label)) continue
    issue.labels.add(label)
    changed(world, repository, issue, 'labeled', label, actor)
  }
}

export function removeLabel(world: World, repository: Repository, issue: Issue, name: string, actor: Actor): void {
  const label = [...issue.labels].find((one) => one.name.toLowerCase() === name.toLowerCase())
  if (!label) throw new ApiError(404, 'Label does not exist')
  issue.labels.delete(label)
  changed(world, repository, issue, 'unlabeled', label, actor)
}

export function setLabels(world: World, repository: Repository, issue: Issue, names: string[], actor: Actor): void {
  const wanted = new Set(names.map((name) => name.toLowerCase()))
  for (const label of [...issue.labels]) {
    if (!wanted.has(label.name.toLowerCase())) removeLabel(world, repository, issue, label.name, actor)
  }
  addLabels(world, repository, issue, names, actor)
}

function changed(
  world: World,
  repository: Repository,
  issue: Issue,
  action: 'labeled' | 'unlabeled',
  label: Label,
  actor: Actor,
): void {
  issue.updatedAt = timestamp(world)
  const json = labelJson(world, repository, label)
  if (issue.pull) {
    const pull_request = simplePullJson(world, repository, issue, issue.pull)
    emit(world, repository, 'pull_request', action, actor, { number: issue.number, pull_request, label: json })
    return
  }
  emit(world, repository, 'issues', action, actor, { issue: issueJson(world, repository, issue), label: json })
}
