import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HeadSha } from '../../src/contract/ids.ts'
import { createDraft, markReady } from '../../src/github/pull-requests.ts'
import { readReview } from '../../src/github/reviews.ts'
import { replyInThread, resolveThread } from '../../src/github/threads.ts'
import { API, type Connected, connect, REPOSITORY } from './connect.ts'

let on: Connected
beforeAll(async () => {
  on = await connect({ validate: 'collect' })
})
afterAll(async () => {
  expect(on.local.inspect().violations()).toEqual([])
  await on.stop()
})

let count = 0
/** A pull request out of draft, with a file of sixty lines. */
async function opened() {
  count += 1
  const branch = `switchyard/r${count}`
  const file = `file-${count}.txt`
  const text = Array.from({ length: 60 }, (_, line) => `line ${line + 1}\n`).join('')
  const head = HeadSha.parse(await on.local.as('wes').push(API, branch, { [file]: text }, 'change'))
  const { pull } = await createDraft(on.octokit, REPOSITORY, { branch, base: 'main', title: branch, body: '' })
  await markReady(on.octokit, pull)
  return { branch, file, head, number: pull.number }
}
const read = (number: number) => readReview(on.octokit, REPOSITORY, number)
const queries = () =>
  on.local
    .inspect()
    .requests()
    .filter(({ route }) => route === '/graphql').length

describe('the review of a pull request', () => {
  it('is where each reviewer stands, at which commit, and how GitHub judges its rules', async () => {
    const { number, head, branch } = await opened()
    expect(await read(number)).toMatchObject({
      head,
      decision: 'none',
      opinions: [],
      threads: [],
      pull: { state: 'open', number },
    })
    on.local.inspect().protect(API, 'main', { requiredApprovals: 1 })
    await on.local.as('mia').review(API, number, { event: 'APPROVE' })
    const moved = await on.local.as('wes').push(API, branch, { more: 'more' }, 'more')
    await on.local.as('wes').review(API, number, { event: 'REQUEST_CHANGES', body: 'Not like this' })
    await on.local.as('wes').review(API, number, { event: 'COMMENT', body: 'and so on' })
    const seen = await read(number)
    expect(seen).toMatchObject({ head: moved, decision: 'changes-requested' })
    expect(seen.opinions).toMatchObject([
      { state: 'approved', head, by: { login: 'mia', bot: false } },
      { state: 'changes-requested', head: moved, body: 'Not like this', by: { login: 'wes', id: on.local.as('wes').id } },
    ])
    on.local.inspect().protect(API, 'main', null)
  })

  it('is told as it is where the pull request was closed or merged meanwhile', async () => {
    const closed = await opened()
    on.local.as('wes').closePull(API, closed.number)
    expect((await read(closed.number)).pull).toMatchObject({ state: 'closed', mergedAt: null, mergeSha: null })
    const merged = await opened()
    const mergeSha = await on.local.as('wes').mergePull(API, merged.number)
    expect((await read(merged.number)).pull).toMatchObject({ state: 'merged', mergeSha })
    await expect(read(9_999)).rejects.toMatchObject({ failure: { cause: 'permission' } })
  })

  it('has every conversation, with one request for fifty, and of a long one the beginning and the end', async () => {
    const { number, file } = await opened()
    const comments = Array.from({ length: 60 }, (_, index) => ({ path: file, line: index + 1, body: `remark ${index + 1}` }))
    await on.local.as('wes').review(API, number, { event: 'COMMENT', comments })
    const [first] = on.local.inspect().pull(API, number).pull.threads
    for (let reply = 1; reply <= 60; reply++) {
      on.local.as('rex').replyToReview(API, number, first?.comments[0]?.id ?? 0, `reply ${reply}`)
    }
    const before = queries()
    const { threads } = await read(number)
    expect(queries() - before).toBe(2)
    expect(threads.map(({ line }) => line)).toEqual(comments.map(({ line }) => line))
    const said = threads[0]?.comments.map(({ body }) => body) ?? []
    expect([said.length, said[0], said[1], said.at(-1)]).toEqual([50, 'remark 1', 'reply 12', 'reply 60'])
  })
})

describe('conversations', () => {
  it('are answered in place, resolved, and told apart from those that a push made outdated', async () => {
    const { number, file, branch } = await opened()
    const comments = [1, 2].map((line) => ({ path: file, line, body: `remark ${line}` }))
    await on.local.as('tia').review(API, number, { event: 'COMMENT', comments })
    const [one] = (await read(number)).threads
    await replyInThread(on.octokit, one?.id ?? '', 'Done in the next commit')
    await resolveThread(on.octokit, one?.id ?? '')
    await resolveThread(on.octokit, one?.id ?? '')
    await on.local.as('wes').push(API, branch, { [file]: 'line 1\n' }, 'Shorter')
    const { threads } = await read(number)
    expect(threads).toMatchObject([
      { resolved: true, outdated: false, line: 1, path: file },
      { resolved: false, outdated: true, line: null, path: file },
    ])
    expect(threads[0]?.comments.map(({ by, body }) => [by.login, by.bot, body])).toEqual([
      ['tia', false, 'remark 1'],
      [on.app.botLogin, true, 'Done in the next commit'],
    ])
    expect(threads[0]?.comments[1]?.by.id).toBe(on.app.botId)
    await expect(replyInThread(on.octokit, 'PRRT_1', 'x')).rejects.toMatchObject({ failure: { cause: 'permission' } })
  })
})
