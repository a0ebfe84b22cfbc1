import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askPulls } from '../../src/effects/ask-pulls.ts'
import { mergePullEffect } from '../../src/effects/merge-pull.ts'
import { openReverts } from '../../src/effects/open-reverts.ts'
import { withdrawMerge } from '../../src/effects/withdraw-merge.ts'
import type { Leg } from '../../src/pipeline/model.ts'
import { API } from '../github-client/connect.ts'
import { LEG, type Stage, startStage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await startStage()
  stage.on.local.inspect().repository(API).allowAutoMerge = true
})
afterAll(async () => {
  expect(stage.on.local.inspect().violations()).toEqual([])
  await stage.on.stop()
})

const seen = () => stage.on.local.inspect()
const numberOf = (leg: Partial<Leg>) => leg.pull?.number ?? 0

/** A pull request out of draft. */
async function ready() {
  const leg = await stage.pull()
  stage.on.local.as('wes').setDraft(API, numberOf(leg), false)
  return leg
}
const merge = (leg: Awaited<ReturnType<typeof ready>>, auto = false) =>
  mergePullEffect(stage.dependencies)(
    { kind: 'merge-pull', id: 'e', leg: LEG, head: leg.head, method: 'squash', auto },
    stage.run(leg),
  )
const look = async (leg: Partial<Leg>) => {
  const event = await askPulls(stage.dependencies)({ kind: 'ask-pulls', id: 'e', legs: [LEG], ready: true }, stage.run(leg))
  return event?.type === 'pulls.reported' ? event.pulls[0]?.queued : undefined
}
const revert = (leg: Partial<Leg>, id = 'run1') =>
  openReverts(stage.dependencies)({ kind: 'open-reverts', id: 'e', legs: [LEG] }, stage.run(leg, { id }))

describe('merging', () => {
  it('says that it waits in the merge queue, and that it is merged once it is', async () => {
    const leg = await ready()
    expect(await look(leg)).toBe(false)
    seen().queueMerges(API, 'main', 'squash')
    seen().protect(API, 'main', { requiredChecks: ['test'] })
    const status = { owner: 'acme', repo: 'api', sha: leg.head, context: 'test', state: 'success' } as const
    await stage.on.other.octokit.rest.repos.createCommitStatus(status)
    expect(await merge(leg)).toEqual({ type: 'merge.queued', effect: 'e', leg: LEG, head: leg.head, by: 'queue' })
    expect(await look(leg)).toBe(true)
    seen().protect(API, 'main', null)
    await stage.on.local.idle()
    expect(await merge(leg)).toMatchObject({ type: 'pull.merged', head: leg.head, pull: { state: 'merged' } })
    expect(await look(leg)).toBeUndefined()
    seen().queueMerges(API, 'main', null)
  })

  it('says that auto-merge waits, and the refusal where a person closed it meanwhile', async () => {
    const leg = await ready()
    seen().protect(API, 'main', { requiredApprovals: 1 })
    expect(await merge(leg, true)).toMatchObject({ type: 'merge.queued', by: 'auto-merge' })
    expect(await look(leg)).toBe(true)
    stage.on.local.as('wes').closePull(API, numberOf(leg))
    expect(await merge(leg, true)).toMatchObject({ type: 'merge.refused', failure: { cause: 'rejected' } })
    seen().protect(API, 'main', null)
  })
})

describe('taking back what was left to GitHub', () => {
  const stop = (leg: Partial<Leg>) =>
    withdrawMerge(stage.dependencies)({ kind: 'withdraw-merge', id: 'e', legs: [LEG] }, stage.run(leg))

  it('switches off what the App switched on, so that what was pushed since does not merge', async () => {
    const leg = await ready()
    seen().protect(API, 'main', { requiredApprovals: 1 })
    await merge(leg, true)
    await stage.on.local.as('wes').push(API, leg.workBranch ?? '', { more: 'more' }, 'More')
    expect(await look(leg)).toBe(true)
    expect(await stop(leg)).toBeNull()
    expect(await stop(leg)).toBeNull()
    expect(await look(leg)).toBe(false)
    await stage.on.local.as('mia').review(API, numberOf(leg), { event: 'APPROVE' })
    await stage.on.local.idle()
    expect(seen().pull(API, numberOf(leg)).pull.merged).toBeNull()
    seen().protect(API, 'main', null)
  })

  it("takes it out of the merge queue that the App put it into, so that it does not merge; a person's entry stays", async () => {
    const leg = await ready()
    seen().queueMerges(API, 'main', 'squash')
    seen().protect(API, 'main', { requiredChecks: ['test'] })
    const status = { owner: 'acme', repo: 'api', sha: leg.head, context: 'test', state: 'success' } as const
    await stage.on.other.octokit.rest.repos.createCommitStatus(status)
    expect(await merge(leg)).toMatchObject({ type: 'merge.queued', by: 'queue' })
    expect(await stop(leg)).toBeNull()
    expect(await stop(leg)).toBeNull()
    expect(await look(leg)).toBe(false)
    await stage.on.local.as('wes').enqueue(API, numberOf(leg))
    await stop(leg)
    expect(await look(leg)).toBe(true)
    await stage.on.local.as('wes').dequeue(API, numberOf(leg))
    seen().protect(API, 'main', null)
    await stage.on.local.idle()
    expect(seen().pull(API, numberOf(leg)).pull.merged).toBeNull()
    seen().queueMerges(API, 'main', null)
  })

  it("leaves a person's auto-merge on", async () => {
    const leg = await ready()
    seen().protect(API, 'main', { requiredApprovals: 1 })
    await stage.on.local.as('wes').autoMerge(API, numberOf(leg))
    await stop(leg)
    expect(await look(leg)).toBe(true)
    seen().protect(API, 'main', null)
  })
})

describe('taking back', () => {
  it('opens one pull request per merged one, once', async () => {
    const leg = await stage.merge(await stage.pull())
    const first = await revert(leg)
    expect(first).toMatchObject({ type: 'reverts.opened', opened: [{ leg: LEG, pull: { state: 'open' } }], failed: [] })
    expect(await revert(leg)).toEqual(first)
    const made = seen().pulls(API).at(-1)
    expect(made?.issue.body).toBe(
      `<!-- switchyard:revert run=run1 leg=${LEG} -->\nReverts ${API}#${numberOf(leg)}, which was made for https://github.com/acme/web/issues/7.`,
    )
    await stage.on.local.as('wes').mergePull(API, made?.issue.number ?? 0)
    expect(await revert(leg)).toMatchObject({ opened: [{ pull: { state: 'merged' } }] })
  })

  it('says why not where nothing is merged, or the code was changed again', async () => {
    const open = await stage.pull()
    expect(await revert(open)).toMatchObject({ opened: [], failed: [{ leg: LEG, failure: { cause: 'no-changes' } }] })
    const leg = await stage.merge(await stage.pull())
    const file = `${(leg.workBranch ?? '').replace('switchyard/e', 'e-')}.txt`
    await stage.on.local.as('wes').push(API, 'main', { [file]: 'changed again' }, 'Again')
    expect(await revert(leg, 'run2')).toMatchObject({ opened: [], failed: [{ failure: { cause: 'conflict' } }] })
  })
})
