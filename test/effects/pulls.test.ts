import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HeadSha } from '../../src/contract/ids.ts'
import { askPulls } from '../../src/effects/ask-pulls.ts'
import { finishIssue } from '../../src/effects/finish-issue.ts'
import { openPulls } from '../../src/effects/open-pulls.ts'
import type { Leg, Run } from '../../src/pipeline/model.ts'
import { API } from '../github-client/connect.ts'
import { LEG, type Stage, startStage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.on.stop())

const isDraft = (leg: Partial<Leg>) => stage.on.local.inspect().pull(API, leg.pull?.number ?? 0).pull.draft
const wrote = async (work: () => Promise<unknown>) => (await stage.on.github.writes.during(work)).writes.total

describe('asking for pull requests', () => {
  it.each([true, false])('takes them out of draft only where they shall be ready (%s)', async (ready) => {
    const leg = await stage.pull()
    const ask = () => askPulls(stage.dependencies)({ kind: 'ask-pulls', id: 'e', legs: [LEG], ready }, stage.run(leg))
    expect(await wrote(ask)).toBe(ready ? 1 : 0)
    expect(await wrote(ask)).toBe(0)
    expect(isDraft(leg)).toBe(!ready)
    expect(await ask()).toMatchObject({
      type: 'pulls.reported',
      pulls: [{ leg: LEG, head: leg.head, base: 'main', pull: { draft: !ready, state: 'open' } }],
      checks: [{ leg: LEG, head: leg.head }],
    })
  })
})

describe('opening a pull request that a person merged before the run heard of it', () => {
  const open = (run: Run) => openPulls(stage.dependencies)({ kind: 'open-pulls', id: 'e', legs: [LEG] }, run)

  it('[RUN-8] finds it merged, also where something was added to it, and opens no other', async () => {
    for (const added of [false, true]) {
      const leg = await stage.pull()
      const wes = stage.on.local.as('wes')
      const head = added ? await wes.push(API, leg.workBranch ?? '', { [`added-${leg.head}.txt`]: 'more' }, 'More') : leg.head
      await stage.merge({ ...leg, head: HeadSha.parse(head) })
      const run = stage.run({ ...leg, pull: null })
      expect(await open(run)).toMatchObject({
        opened: [{ leg: LEG, head, pull: { number: leg.pull.number, state: 'merged' } }],
        failed: [],
      })
    }
  })
})

describe('the end of a run', () => {
  it('that leaves the merge to people takes its pull requests out of draft, and closes nothing', async () => {
    const leg = await stage.pull()
    const issue = stage.on.local.as('wes').openIssue(API, { title: 'The task' })
    const made = stage.run(leg, { status: { state: 'done', outcome: 'ready', summary: 'Done.' } })
    const run = { ...made, task: { ...made.task, number: issue.number } }
    const finish = () => finishIssue(stage.dependencies)({ kind: 'finish-issue', id: 'e' }, run)
    expect(await wrote(finish)).toBe(1)
    expect(isDraft(leg)).toBe(false)
    expect(await wrote(finish)).toBe(0)
    expect(stage.on.local.inspect().issue(API, issue.number).state).toBe('open')
    expect(await stage.on.local.inspect().branches(API)).toHaveProperty([leg.workBranch ?? ''])
  })
})
