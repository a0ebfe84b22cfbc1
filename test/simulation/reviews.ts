/** Simulated human review: remarks by people with and without rights, change requests, approvals, and GitHub's own judgement. */
import type { HeadSha, LegKey } from '../../src/contract/ids.ts'
import type { EffectOf } from '../../src/pipeline/effects.ts'
import type { ReviewSeen, RunEvent, ThreadSeen } from '../../src/pipeline/events.ts'
import { START } from '../support/core/build.ts'
import { branchOf, markReady, pullNow } from './github.ts'
import { type Branch, hint, type RealThread, type SimRun, saw, type World } from './world.ts'

/** Somebody says something about a pull request. */
export function remark(world: World, sim: SimRun, branch: Branch): void {
  const { random } = world
  const { review } = branch
  const trusted = random.chance(0.75)
  const dice = random.next()
  const open = review.threads.filter(({ resolved }) => !resolved)
  world.remarks += 1
  if (dice < 0.4) {
    saw(world, trusted ? 'a conversation begun' : 'a conversation begun by somebody without rights')
    review.threads.push({ id: `T${world.remarks}`, by: 'rita', at: world.now, trusted, resolved: false, answered: false })
  } else if (dice < 0.55 && open.length > 0) {
    const thread = random.pick(open)
    thread.at = world.now
    thread.trusted = trusted
    thread.answered = false
  } else if (dice < 0.65 && open.length > 0) {
    random.pick(open).resolved = true
  } else if (dice < 0.8) {
    saw(world, 'changes requested')
    review.changeRequest = { id: `C${world.remarks}`, at: world.now, trusted }
    review.approvedHead = null
  } else {
    saw(world, 'approved by a reviewer')
    review.changeRequest = null
    review.approvedHead = branch.head
  }
  hint(world, sim, { type: 'reviews.changed', leg: branch.leg })
}

/** GitHub is asked for the review of these pull requests; asking takes them out of draft. */
export function askReviews(world: World, sim: SimRun, { id, legs }: EffectOf<'ask-reviews'>): RunEvent {
  const seen = legs.flatMap((leg) => {
    const branch = branchOf(world, sim, leg)
    markReady(branch)
    return branch.pull === null || branch.head === null ? [] : [reviewSeen(world, branch, leg, branch.head)]
  })
  return { type: 'reviews.reported', effect: id, legs: seen }
}

function reviewSeen(world: World, branch: Branch, leg: LegKey, head: HeadSha): ReviewSeen {
  const { review, pull } = branch
  if (pull === null) throw new Error('no pull request to review')
  if (world.calm) {
    // Reviewers are content in the end, once their remarks are answered.
    review.changeRequest = null
    review.approvedHead = head
  }
  const approved = review.approvedHead === head
  const standing = review.changeRequest
  const decision =
    standing !== null ? 'changes-requested' : approved ? 'approved' : review.demanded ? 'review-required' : 'none'
  return {
    leg,
    head: pull.mergedHead ?? head,
    pull: pullNow(pull),
    decision,
    approvedBy: approved ? ['rita'] : [],
    changeRequests:
      standing === null
        ? []
        : [
            {
              id: standing.id,
              by: 'rita',
              body: `not so, at ${standing.at}`,
              at: moment(standing.at),
              trusted: standing.trusted,
            },
          ],
    threads: review.threads.map(threadSeen),
  }
}

function threadSeen({ id, by, at, trusted, resolved, answered }: RealThread): ThreadSeen {
  // What is added later has other words.
  const comments = [{ by, body: `why, at ${at}?`, at: moment(at) }]
  return { id, path: 'src/a.ts', line: 1, resolved, outdated: false, comments, trusted, answered }
}

function moment(at: number): string {
  return new Date(START + at).toISOString()
}

/** Replies arrive in their conversations; a thread that is not there any more is passed over. */
export function answerThreads(world: World, sim: SimRun, { id, replies }: EffectOf<'answer-threads'>): RunEvent {
  let answered = 0
  for (const { leg, thread, resolve } of replies) {
    const found = branchOf(world, sim, leg).review.threads.find((each) => each.id === thread)
    if (found === undefined) continue
    answered += 1
    found.answered = true
    if (resolve) found.resolved = true
  }
  saw(world, 'conversations answered')
  return { type: 'threads.answered', effect: id, answered }
}
