import { z } from 'zod'
import { common, type Interpreter } from './payload.ts'
import { Pull, pullChanged } from './pull-request.ts'

const Reviewed = z.object({ action: z.enum(['submitted', 'dismissed']), pull_request: Pull, ...common })

/** `pull_request_review`: given or dismissed, so that the pull request may be mergeable now, or no more. */
export const interpretPullRequestReview: Interpreter = (payload) => {
  const reviewed = Reviewed.safeParse(payload)
  if (!reviewed.success) return []
  const { installation, repository, pull_request, sender } = reviewed.data
  return [pullChanged(installation.id, repository.id, pull_request, sender)]
}
