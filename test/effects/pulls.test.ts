import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askPulls } from '../../src/effects/ask-pulls.ts'
import { finishIssue } from '../../src/effects/finish-issue.ts'
import type { Leg } from '../../src/pipeline/model.ts'
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
