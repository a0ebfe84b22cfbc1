import { SwitchyardError } from '../contract/failure.ts'
import type { LegKey } from '../contract/ids.ts'
import type { EffectHandler } from '../engine/effects.ts'
import { isOwnAccount } from '../github/identity.ts'
import { repositoryOf } from '../github/octokit.ts'
import { type Author, type Opinion, type Review, readReview, type Thread } from '../github/reviews.ts'
import type { ReviewSeen, ThreadSeen } from '../pipeline/events.ts'
import type { Run } from '../pipeline/model.ts'
import { legOf } from '../pipeline/state.ts'
import type { GitHubEffects } from './dependencies.ts'
import { createTrust, type Trust } from './review-trust.ts'

/** What of one remark is taken, in characters, and how many of each, as the events hold it. */
const MOST = { body: 20_000, approvals: 100, changeRequests: 100, threads: 500 } as const

/** Asks for the human review of each leg's pull request, also of one that is closed or merged by now; changes nothing. */
export function askReviews(dependencies: GitHubEffects): EffectHandler<'ask-reviews'> {
  return async (effect, run) => ({
    type: 'reviews.reported',
    effect: effect.id,
    legs: await Promise.all(effect.legs.map((key) => reviewOf(dependencies, run, key))),
  })
}

async function reviewOf({ github, identity, log }: GitHubEffects, run: Run, key: LegKey): Promise<ReviewSeen> {
  const leg = legOf(run, key)
  if (leg.pull === null) {
    throw new SwitchyardError({ cause: 'internal', message: `${leg.repository} has no pull request to be reviewed.` })
  }
  const octokit = await github.installation(run.task.installationId)
  const repository = repositoryOf(leg.repository)
  const review = await readReview(octokit, repository, leg.pull.number)
  const trust = createTrust(octokit, repository, log)
  const isOurs = ({ id }: Author) => id !== null && isOwnAccount({ id }, identity)
  const [approvedBy, changeRequests, threads] = await Promise.all([
    approvals(review, trust),
    standing(review, trust),
    Promise.all(worthReading(review.threads).map((thread) => threadSeen(thread, trust, isOurs))),
  ])
  const { head, pull, decision } = review
  return { leg: key, head, pull, decision, approvedBy, changeRequests, threads }
}

/** Approvals of exactly this head by whoever may write: anybody at all can approve what is public. */
async function approvals({ opinions, head }: Review, trust: Trust): Promise<string[]> {
  const ofHead = opinions.filter((opinion) => opinion.state === 'approved' && opinion.head === head)
  return (await filterAsync(ofHead, ({ by }) => trust(by))).map(({ by }) => by.login).slice(0, MOST.approvals)
}

async function standing({ opinions }: Review, trust: Trust): Promise<ReviewSeen['changeRequests']> {
  const requests = opinions.filter(({ state }) => state === 'changes-requested').slice(0, MOST.changeRequests)
  return Promise.all(
    requests.map(async ({ id, by, body, at }: Opinion) => ({
      id,
      by: by.login,
      body: cut(body),
      at,
      trusted: await trust(by),
    })),
  )
}

/** Of too many conversations those that are resolved are left out first. */
function worthReading(threads: readonly Thread[]): Thread[] {
  const written = threads.filter(({ comments }) => comments.length > 0)
  if (written.length <= MOST.threads) return written
  return written.toSorted((a, b) => Number(a.resolved) - Number(b.resolved)).slice(0, MOST.threads)
}

/** Who may steer is asked only for what is open: in a resolved conversation nobody asks for anything. */
async function threadSeen(thread: Thread, trust: Trust, isOurs: (author: Author) => boolean): Promise<ThreadSeen> {
  const { id, path, line, resolved, outdated, comments } = thread
  const lastOfOthers = comments.findLast(({ by }) => !isOurs(by))
  const last = comments.at(-1)
  return {
    id,
    path,
    line,
    resolved,
    outdated,
    comments: comments.map(({ by, body, at }) => ({ by: by.login, body: cut(body), at })),
    trusted: !resolved && lastOfOthers !== undefined && (await trust(lastOfOthers.by)),
    answered: last !== undefined && isOurs(last.by),
  }
}

async function filterAsync<T>(items: readonly T[], keep: (item: T) => Promise<boolean>): Promise<T[]> {
  const kept = await Promise.all(items.map(keep))
  return items.filter((_, index) => kept[index])
}

function cut(body: string): string {
  return body.slice(0, MOST.body).toWellFormed()
}
