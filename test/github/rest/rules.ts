import { fullName, type MergeQueue } from '../state/model.ts'
import { page } from './paging.ts'
import { type Route, repositoryRoute } from './registry.ts'

const METHODS = { merge: 'MERGE', squash: 'SQUASH', rebase: 'REBASE' } as const

/** https://docs.github.com/rest/repos/rules#get-rules-for-a-branch */
export const ruleRoutes: Route[] = [
  repositoryRoute('GET', '/rules/branches/{branch}', 'metadata:read', (call) => {
    const { repository, params } = call
    const branch = params.branch ?? ''
    const source = { ruleset_source_type: 'Repository', ruleset_source: fullName(repository) }
    const rules: unknown[] = []
    const ruleset = repository.rulesets.get(branch)
    if (ruleset !== undefined && ruleset.requiredChecks.length > 0) {
      rules.push({
        type: 'required_status_checks',
        ...source,
        ruleset_id: ruleset.id,
        parameters: {
          strict_required_status_checks_policy: false,
          do_not_enforce_on_create: false,
          required_status_checks: ruleset.requiredChecks.map((context) => ({ context })),
        },
      })
    }
    const queue = repository.mergeQueues.get(branch)
    if (queue !== undefined) rules.push({ type: 'merge_queue', ...source, ruleset_id: queue.id, parameters: queueJson(queue) })
    return page(call, rules, (rule) => rule)
  }),
]

function queueJson({ method }: MergeQueue) {
  return {
    merge_method: METHODS[method],
    grouping_strategy: 'ALLGREEN',
    check_response_timeout_minutes: 60,
    max_entries_to_build: 1,
    max_entries_to_merge: 1,
    min_entries_to_merge: 1,
    min_entries_to_merge_wait_minutes: 0,
  }
}
