import type { Intent } from './intents.ts'
import { interpretCheckRun, interpretCheckSuite, interpretStatus, interpretWorkflowRun } from './interpret/checks.ts'
import { interpretDeployment } from './interpret/deployment.ts'
import { interpretInstallation, interpretInstallationRepositories } from './interpret/installation.ts'
import { interpretIssueComment } from './interpret/issue-comment.ts'
import { interpretIssues } from './interpret/issues.ts'
import type { InterpretContext, Interpreter } from './interpret/payload.ts'
import { interpretPullRequest } from './interpret/pull-request.ts'
import {
  interpretPullRequestReview,
  interpretPullRequestReviewComment,
  interpretPullRequestReviewThread,
} from './interpret/pull-request-review.ts'
import { interpretPush } from './interpret/push.ts'
import { interpretRepository } from './interpret/repository.ts'

/** The events that mean something to us. To take another one: a file in `interpret/` and a line here. */
export const INTERPRETERS: ReadonlyMap<string, Interpreter> = new Map([
  ['issues', interpretIssues],
  ['issue_comment', interpretIssueComment],
  ['pull_request', interpretPullRequest],
  ['pull_request_review', interpretPullRequestReview],
  ['pull_request_review_comment', interpretPullRequestReviewComment],
  ['pull_request_review_thread', interpretPullRequestReviewThread],
  ['check_run', interpretCheckRun],
  ['check_suite', interpretCheckSuite],
  ['status', interpretStatus],
  ['workflow_run', interpretWorkflowRun],
  ['deployment', interpretDeployment],
  ['deployment_status', interpretDeployment],
  ['push', interpretPush],
  ['repository', interpretRepository],
  ['installation', interpretInstallation],
  ['installation_repositories', interpretInstallationRepositories],
])

/** What a delivery means. Unknown events, unknown actions and payloads that lack something mean nothing. */
export function interpret(delivery: { event: string; payload: unknown }, context: InterpretContext): Intent[] {
  return INTERPRETERS.get(delivery.event)?.(delivery.payload, context) ?? []
}
