import { z } from 'zod'
import type { Intent, ReviewsChangedIntent } from '../intents.ts'
import { common, type Interpreter } from './payload.ts'
import { Pull, pullChanged } from './pull-request.ts'

const numbered = z.object({ number: z.int().positive() })

const Given = z.object({ action: z.enum(['submitted', 'dismissed']), pull_request: Pull, ...common })
const Edited = z.object({ action: z.literal('edited'), pull_request: numbered, ...common })
const Commented = z.object({ action: z.enum(['created', 'edited', 'deleted']), pull_request: numbered, ...common })
const Resolved = z.object({ action: z.enum(['resolved', 'unresolved']), pull_request: numbered, ...common })

/** `pull_request_review`: given or dismissed, so that the pull request may be mergeable now, or no more; or reworded. */
export const interpretPullRequestReview: Interpreter = (payload) => {
  const given = Given.safeParse(payload)
  if (given.success) {
    const { installation, repository, pull_request, sender } = given.data
    return [pullChanged(installation.id, repository.id, pull_request, sender), reviewsChanged(given.data)]
  }
  const edited = Edited.safeParse(payload)
  return edited.success ? [reviewsChanged(edited.data)] : []
}

/** `pull_request_review_comment`: a remark about a place in the code, or a reply to one. */
export const interpretPullRequestReviewComment: Interpreter = (payload) => hint(Commented.safeParse(payload))

/** `pull_request_review_thread`: a conversation was resolved, or opened again. */
export const interpretPullRequestReviewThread: Interpreter = (payload) => hint(Resolved.safeParse(payload))

type Hinted = z.infer<typeof Edited> | z.infer<typeof Commented> | z.infer<typeof Resolved>

function hint(parsed: z.ZodSafeParseResult<Hinted>): Intent[] {
  return parsed.success ? [reviewsChanged(parsed.data)] : []
}

function reviewsChanged({
  installation,
  repository,
  pull_request,
}: Pick<Hinted, 'installation' | 'repository' | 'pull_request'>): ReviewsChangedIntent {
  return {
    type: 'reviews-changed',
    installationId: installation.id,
    repositoryId: repository.id,
    number: pull_request.number,
  }
}
