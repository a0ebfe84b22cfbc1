import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerThreads } from '../../src/effects/answer-threads.ts'
import { askReviews } from '../../src/effects/ask-reviews.ts'
import type { EffectOf } from '../../src/pipeline/effects.ts'
import type { ReviewSeen } from '../../src/pipeline/events.ts'
import type { Leg } from '../../src/pipeline/model.ts'
import { API } from '../github-client/connect.ts'
import { LEG, SECRET_WORD, type Stage, startStage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await startStage()
})
afterAll(async () => {
  expect(stage.on.local.inspect().violations()).toEqual([])
  await stage.on.stop()
})

const PERMISSION = '/repos/{owner}/{repo}/collaborators/{username}/permission'
const GRAPHQL = { method: 'POST', route: '/graphql' }

async function ask(leg: Partial<Leg>): Promise<ReviewSeen> {
  const event = await askReviews(stage.dependencies)({ kind: 'ask-reviews', id: 'e', legs: [LEG], delayMs: 0 }, stage.run(leg))
  if (event?.type !== 'reviews.reported' || event.legs[0] === undefined) throw new Error('no review was reported')
  return event.legs[0]
}
type Reply = EffectOf<'answer-threads'>['replies'][number]
const answer = (leg: Partial<Leg>, replies: Omit<Reply, 'leg'>[], id = 'run1-review-2-replies') =>
  answerThreads(stage.dependencies)(
    { kind: 'answer-threads', id, replies: replies.map((reply) => ({ leg: LEG, ...reply })) },
    stage.run(leg),
  )

const as = (login: string) => stage.on.local.as(login)
const numberOf = (leg: Partial<Leg>) => leg.pull?.number ?? 0
const fileOf = (leg: Partial<Leg>) => `${(leg.workBranch ?? '').replace('switchyard/e', 'e-')}.txt`
const remark = (leg: Partial<Leg>, login: string, ...bodies: string[]) =>
  as(login).review(API, numberOf(leg), {
    event: 'COMMENT',
    comments: bodies.map((body) => ({ path: fileOf(leg), line: 1, body })),
  })
const threadsOf = (leg: Partial<Leg>) => stage.on.local.inspect().pull(API, numberOf(leg)).pull.threads
const reply = (leg: Partial<Leg>, index: number, login: string, body: string) =>
  as(login).replyToReview(API, numberOf(leg), threadsOf(leg)[index]?.comments[0]?.id ?? 0, body)
const permissionsAsked = () =>
  stage.on.local
    .inspect()
    .requests()
    .filter(({ route }) => route === PERMISSION).length

describe('asking for reviews', () => {
  it('tells the remarks of whoever may steer from those of others, and asks for each person once', async () => {
    const leg = await stage.pull()
    await remark(leg, 'wes', 'by one who may write', 'and another')
    await remark(leg, 'rex', 'by one who may read')
    reply(leg, 1, 'rex', 'do something else')
    reply(leg, 2, 'mia', 'he is right')
    const before = permissionsAsked()
    const seen = await ask(leg)
    expect(permissionsAsked() - before).toBe(3)
    expect(seen).toMatchObject({ leg: LEG, head: leg.head, decision: 'none', pull: { state: 'open', draft: true } })
    expect(seen.threads.map(({ trusted, answered, comments }) => [comments.at(-1)?.by, trusted, answered])).toEqual([
      ['wes', true, false],
      ['rex', false, false],
      ['mia', true, false],
    ])
    expect(seen.threads[0]).toMatchObject({ path: fileOf(leg), line: 1, resolved: false, outdated: false })
  })

  it('takes an error for a no, but not a rate limit', async () => {
    const leg = await stage.pull()
    await remark(leg, 'wes', 'please')
    const { faults } = stage.on.local
    faults.failNext({ method: 'GET', route: PERMISSION }, { status: 404 })
    expect((await ask(leg)).threads).toMatchObject([{ trusted: false }])
    // Over at once: nobody is kept from asking.
    faults.secondaryRateLimit({ matcher: { method: 'GET', route: PERMISSION }, retryAfter: 0 })
    await expect(ask(leg)).rejects.toMatchObject({ failure: { cause: 'rate-limit' } })
    expect((await ask(leg)).threads).toMatchObject([{ trusted: true }])
  })

  it('counts approvals of exactly this head, by whoever may write, and requests that stand', async () => {
    const leg = await stage.pull()
    const number = numberOf(leg)
    for (const login of ['ann', 'rex']) await as(login).review(API, number, { event: 'APPROVE' })
    await as('tia').review(API, number, { event: 'REQUEST_CHANGES', body: 'from outside' })
    await as('mia').review(API, number, { event: 'REQUEST_CHANGES', body: 'wrong' })
    const { id } = await as('wes').review(API, number, { event: 'REQUEST_CHANGES', body: 'settled since' })
    as('ann').dismissReview(API, number, id)
    const seen = await ask(leg)
    expect(seen.approvedBy).toEqual(['ann'])
    expect(seen.changeRequests).toMatchObject([
      { by: 'tia', body: 'from outside', trusted: false },
      { by: 'mia', body: 'wrong', trusted: true },
    ])
    await as('wes').push(API, leg.workBranch ?? '', { more: 'more' }, 'More')
    const moved = await ask(leg)
    expect(moved.head).not.toBe(leg.head)
    expect(moved).toMatchObject({ approvedBy: [], changeRequests: [{ by: 'tia' }, { by: 'mia' }] })
  })

  it('tells what is closed or merged by now as what it is', async () => {
    const closed = await stage.pull()
    as('wes').closePull(API, numberOf(closed))
    expect((await ask(closed)).pull.state).toBe('closed')
    const open = await stage.pull()
    const { mergeSha } = await stage.merge(open)
    expect((await ask(open)).pull).toMatchObject({ state: 'merged', mergeSha })
  })
})

describe('answering', () => {
  it('replies once in each conversation, resolves what is done, and is then the one who wrote last', async () => {
    const leg = await stage.pull()
    await remark(leg, 'wes', 'rename it', 'why?')
    const [one, two] = (await ask(leg)).threads
    const replies = [
      { thread: one?.id ?? '', text: `Renamed, @wes. ${SECRET_WORD} <!-- hidden -->`, resolve: true },
      { thread: two?.id ?? '', text: 'Because.', resolve: false },
      { thread: 'PRRT_1', text: 'Nobody there.', resolve: true },
    ]
    expect(await answer(leg, replies)).toEqual({ type: 'threads.answered', effect: 'run1-review-2-replies', answered: 2 })
    await answer(leg, replies)
    const seen = (await ask(leg)).threads
    expect(seen.map(({ resolved, answered, comments }) => [resolved, answered, comments.length])).toEqual([
      [true, true, 2],
      [false, true, 2],
    ])
    const text = seen[0]?.comments[1]?.body ?? ''
    expect(text.startsWith(`<!-- switchyard:thread run1-review-2-replies ${one?.id} -->\n`)).toBe(true)
    expect(text).not.toContain(SECRET_WORD)
    expect(text).not.toContain('hidden')
    // Another answer, later, is another reply.
    await answer(leg, [{ thread: two?.id ?? '', text: 'And also.', resolve: true }], 'run1-review-3-replies')
    expect((await ask(leg)).threads[1]).toMatchObject({ resolved: true, comments: { length: 3 } })
  })

  it('replies once though the answer got lost, also where somebody else copies the marker', async () => {
    const leg = await stage.pull()
    await remark(leg, 'wes', 'first')
    const thread = (await ask(leg)).threads[0]?.id ?? ''
    const replies = [{ thread, text: 'Done.', resolve: true }]
    // The look is answered; the reply is posted and its answer lost.
    stage.on.local.faults.failNext(GRAPHQL, { status: 502, afterEffect: true, after: 1 })
    await expect(answer(leg, replies)).rejects.toMatchObject({ failure: { cause: 'api' } })
    await answer(leg, replies)
    expect((await ask(leg)).threads).toMatchObject([{ resolved: true, comments: { length: 2 } }])
    const copied = await stage.pull()
    await remark(copied, 'wes', 'first')
    const id = (await ask(copied)).threads[0]?.id ?? ''
    reply(copied, 0, 'rex', `<!-- switchyard:thread run1-review-2-replies ${id} -->`)
    await answer(copied, [{ thread: id, text: 'Done.', resolve: false }])
    expect((await ask(copied)).threads).toMatchObject([{ answered: true, comments: { length: 3 } }])
  })

  it('leaves a conversation open in which somebody wrote since', async () => {
    const leg = await stage.pull()
    await remark(leg, 'wes', 'first')
    const [thread] = (await ask(leg)).threads
    const seenUntil = new Date(Date.parse(thread?.comments[0]?.at ?? '') - 1_000).toISOString()
    await answer(leg, [{ thread: thread?.id ?? '', text: 'Done.', resolve: true, seenUntil }])
    expect((await ask(leg)).threads).toMatchObject([{ resolved: false, comments: { length: 2 } }])
    const now = { thread: thread?.id ?? '', text: 'Done.', resolve: true, seenUntil: thread?.comments[0]?.at ?? '' }
    await answer(leg, [now])
    expect((await ask(leg)).threads).toMatchObject([{ resolved: true, comments: { length: 2 } }])
  })

  it('answers what a review says as a whole on the pull request, once', async () => {
    const leg = await stage.pull()
    await as('mia').review(API, numberOf(leg), { event: 'REQUEST_CHANGES', body: 'All of it is too long' })
    const thread = (await ask(leg)).changeRequests[0]?.id ?? ''
    const replies = [{ thread, text: 'Shortened.', resolve: false }]
    expect(await answer(leg, replies)).toMatchObject({ answered: 1 })
    await answer(leg, replies)
    const comments = stage.on.local.inspect().comments(API, numberOf(leg))
    expect(comments.map(({ body }) => body)).toEqual([
      `<!-- switchyard:thread run1-review-2-replies ${thread} -->\n@mia Shortened.`,
    ])
  })
})
