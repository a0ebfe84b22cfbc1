/** What people say in reviews, for the core's tests. */
import type { LegKey } from '../../../src/contract/ids.ts'
import type { ThreadAnswer } from '../../../src/contract/report.ts'
import type { ReviewSeen, ThreadSeen } from '../../../src/pipeline/events.ts'
import type { Leg } from '../../../src/pipeline/model.ts'
import { openLegs } from '../../../src/pipeline/state.ts'
import { sha } from './build.ts'
import type { Drive } from './drive.ts'
import { aPull, pullSeen } from './results.ts'

/** A conversation in which `rita`, who may steer runs, has the last word. */
export function aThread(id: string, change: Partial<ThreadSeen> = {}): ThreadSeen {
  return {
    id,
    path: 'src/a.ts',
    line: 3,
    resolved: false,
    outdated: false,
    comments: [{ by: 'rita', body: `remark ${id}`, at: '2026-01-05T09:10:00Z' }],
    trusted: true,
    answered: false,
    ...change,
  }
}

type Request = ReviewSeen['changeRequests'][number]

export function aRequest(id: string, change: Partial<Request> = {}): Request {
  return { id, by: 'rita', body: `please change ${id}`, at: '2026-01-05T09:10:00Z', trusted: true, ...change }
}

/** The review of a leg at its head: nobody said anything. */
export function reviewOf(leg: Pick<Leg, 'key' | 'pull' | 'head'>, change: Partial<ReviewSeen> = {}): ReviewSeen {
  return {
    leg: leg.key,
    head: leg.head ?? sha('none'),
    pull: leg.pull ?? aPull(1),
    decision: 'none',
    approvedBy: [],
    changeRequests: [],
    threads: [],
    ...change,
  }
}

/** GitHub has taken the pull requests out of draft, where the review waits for that. */
export function ready(run: Drive): Drive {
  const wait = run.wait()
  if (wait?.for !== 'effect' || !wait.effect.endsWith('-pulls')) return run
  const legs = openLegs(run.run).filter(({ key }) => run.effect('ask-pulls').legs.includes(key))
  const pulls = legs.map((leg) => pullSeen(leg, 'clean', { pull: { ...(leg.pull ?? aPull(1)), draft: false } }))
  run.send({ type: 'pulls.reported', effect: wait.effect, pulls, checks: [] })
  return run
}

/** Answers the question for reviews that was asked last; what is not named is silent. */
export function reportReviews(run: Drive, said: Partial<Record<LegKey, Partial<ReviewSeen>>> = {}): Drive {
  ready(run)
  const { id } = run.effect('ask-reviews')
  run.send({ type: 'reviews.reported', effect: id, legs: openLegs(run.run).map((leg) => reviewOf(leg, said[leg.key] ?? {})) })
  return run
}

export function answerTo(thread: string, outcome: ThreadAnswer['outcome'], reply = `about ${thread}`): ThreadAnswer {
  return { thread, outcome, reply }
}

/** GitHub took the replies that were asked for last. */
export function repliesPosted(run: Drive): Drive {
  const { id, replies } = run.effect('answer-threads')
  run.send({ type: 'threads.answered', effect: id, answered: replies.length })
  return run
}
