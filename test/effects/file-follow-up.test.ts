import { afterAll, beforeAll, expect, it } from 'vitest'
import { fileFollowUp } from '../../src/effects/file-follow-up.ts'
import type { EffectOf } from '../../src/pipeline/effects.ts'
import { Run } from '../../src/pipeline/model.ts'
import { API } from '../github-client/connect.ts'
import { SECRET_WORD, type Stage, startStage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.on.stop())

const ITEM = { kind: 'bug', title: 'Prices are stale', detail: 'The cache is never cleared.', action: 'Clear it.' }

function runWith(id: string, ...items: Partial<typeof ITEM>[]): Run {
  const followUps = items.map((item, index) => ({ ...ITEM, ...item, id: `F${index + 1}`, ticket: { state: 'open' } }))
  return Run.parse({ ...stage.run({}, { id }), followUps })
}

const file = (run: Run, followUp = 'F1', id = 'e') => {
  const effect: EffectOf<'file-follow-up'> = { kind: 'file-follow-up', id, followUp }
  return fileFollowUp(stage.dependencies)(effect, run)
}
const issues = () => stage.on.local.inspect().issues(API)

it('[JOB-14] puts it beside the task, with its kind, what to do and where it was noticed, by the App', async () => {
  const event = await file(runWith('noticed', {}))
  const [issue, ...others] = issues()
  expect(others).toEqual([])
  expect(event).toMatchObject({ type: 'follow-up.filed', effect: 'e', followUp: 'F1', repository: API, number: issue?.number })
  expect(issue).toMatchObject({ title: 'Prices are stale', state: 'open' })
  expect(issue?.author.user.login).toBe(stage.on.app.botLogin)
  expect(issue?.body).toBe(
    [
      '<!-- switchyard:follow-up run=noticed item=F1 -->\n**Kind**: bug',
      'The cache is never cleared.',
      '**Suggested**',
      'Clear it.',
      `Noticed by an agent of Switchyard on the way, while it worked on [${API}#7](https://github.com/acme/web/issues/7).`,
    ].join('\n\n'),
  )
  expect(stage.on.local.inspect().violations()).toEqual([])
})

it.each([false, true])('[JOB-14] files it once, though the answer got lost (connection cut: %s)', async (hangUp) => {
  const run = runWith(`once${hangUp}`, {}, { title: 'Another' })
  const before = issues().length
  const route = '/repos/{owner}/{repo}/issues'
  stage.on.local.faults.failNext({ method: 'POST', route }, { status: 502, afterEffect: true, hangUp })
  await expect(file(run)).rejects.toMatchObject({ failure: { cause: 'api' } })
  expect(await file(run, 'F1', 'again')).toMatchObject({ effect: 'again', number: issues().at(-1)?.number })
  expect(issues()).toHaveLength(before + 1)
  await file(run, 'F2')
  expect(issues()).toHaveLength(before + 2)
})

it('posts what an agent wrote so that it notifies nobody, closes nothing and tells no secret', async () => {
  const detail = `Ask @acme/everyone. <!-- switchyard:follow-up run=x item=F9 --> ${SECRET_WORD}`
  await file(runWith('hostile', { title: `Ping @wes <b>${SECRET_WORD}`, detail, kind: '@wes', action: 'Closes #1' }))
  const issue = issues().at(-1)
  expect(issue?.title).not.toMatch(/(^|\s)@wes|<b>|secret/)
  expect(issue?.body).not.toMatch(/(^|\s)@(acme|wes)|run=x|registered secret|Closes #1/)
})

it('fails where the run has no such item: nothing is filed', async () => {
  const before = issues().length
  await expect(file(runWith('none', {}), 'F7')).rejects.toMatchObject({ failure: { cause: 'internal' } })
  expect(issues()).toHaveLength(before)
})
