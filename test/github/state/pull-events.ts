import { accountJson } from '../render/accounts.ts'
import { simplePullJson } from '../render/pulls.ts'
import { emit } from '../webhooks/emit.ts'
import type { Actor, Issue, Pull, Repository } from './model.ts'
import type { World } from './world.ts'

/** Tells of a pull request. Counts are not in it: webhooks are sent before git was asked. */
export function emitPull(
  world: World,
  repository: Repository,
  issue: Issue,
  pull: Pull,
  action: string,
  actor: Actor,
  more: Record<string, unknown> = {},
): void {
  emit(world, repository, 'pull_request', action, actor, {
    number: issue.number,
    pull_request: {
      ...simplePullJson(world, repository, issue, pull),
      merged: pull.merged !== null,
      mergeable: pull.mergeable,
      rebaseable: pull.mergeable,
      mergeable_state: 'unknown',
      merged_by: pull.merged ? accountJson(world, pull.merged.by) : null,
      comments: 0,
      review_comments: 0,
      maintainer_can_modify: false,
      commits: 1,
      additions: 0,
      deletions: 0,
      changed_files: 1,
    },
    ...more,
  })
}
