import Bottleneck from 'bottleneck'

/** Shortest time between two requests of a kind for one installation, in ms; 0 turns the pacing off. */
export interface Pacing {
  /** Any mutating request; GraphQL counts as one. */
  writeMs: number
  /** What makes GitHub notify people: a new comment, issue or pull request, a merge. */
  commentMs: number
}

/**
 * The pace at which GitHub is content.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#pause-between-mutative-requests
 */
export const DEFAULT_PACING: Pacing = { writeMs: 1_000, commentMs: 3_000 }

/** The limiter groups that octokit's throttling plugin takes instead of its own, which are one set for the whole process. */
export interface PacingGroups {
  write: Bottleneck.Group
  notifications: Bottleneck.Group
  close(): Promise<void>
}

/** Limiters for these paces, one per installation in each group. */
export function createPacing(pacing: Pacing): PacingGroups {
  const write = group(pacing.writeMs)
  const notifications = group(pacing.commentMs)
  return {
    write,
    notifications,
    async close() {
      await Promise.all([write.disconnect(false), notifications.disconnect(false)])
    },
  }
}

function group(minTime: number): Bottleneck.Group {
  return new Bottleneck.Group(minTime > 0 ? { maxConcurrent: 1, minTime } : {})
}
