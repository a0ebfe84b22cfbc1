import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StepId } from '../../src/contract/ids.ts'
import { fileTicket } from '../../src/effects/file-ticket.ts'
import type { EffectOf } from '../../src/pipeline/effects.ts'
import type { Run } from '../../src/pipeline/model.ts'
import { API } from '../github-client/connect.ts'
import { SECRET_WORD, type Stage, startStage } from './stage.ts'

const ELSEWHERE = 'acme/follow-ups'

let stage: Stage
beforeAll(async () => {
  stage = await startStage()
  const collaborators = { wes: 'write' } as const
  await stage.on.local.createRepository({
    owner: 'acme',
    name: 'follow-ups',
    private: true,
    collaborators,
    files: { a: 'a' },
    ci: [],
  })
})
afterAll(() => stage.on.stop())

type Asked = Partial<EffectOf<'file-ticket'>>

const file = (run: Run, { step = StepId.parse('ticket'), ...asked }: Asked = {}) => {
  const text = { title: 'Prices are stale', body: 'The cache is never cleared.' }
  const wanted = { step, repository: ELSEWHERE, labels: [], ...text, ...asked }
  const effect: EffectOf<'file-ticket'> = { kind: 'file-ticket', id: 'e', ...wanted }
  return fileTicket(stage.dependencies)(effect, run)
}
const issues = (repository = ELSEWHERE) => stage.on.local.inspect().issues(repository)

describe('filing an issue', () => {
  it('puts it where it was asked for, with its labels and the task it came from, by the App', async () => {
    const run = stage.run({}, { id: 'file1' })
    const event = await file(run, { labels: ['debt', 'new-label'] })
    const [issue, ...others] = issues()
    expect(others).toEqual([])
    expect(event).toMatchObject({ type: 'ticket.filed', effect: 'e', repository: ELSEWHERE, number: issue?.number })
    expect(issue).toMatchObject({ title: 'Prices are stale', state: 'open' })
    expect(issue?.author.user.login).toBe(stage.on.app.botLogin)
    expect(issue?.body).toBe(
      [
        '<!-- switchyard:ticket run=file1 step=ticket -->',
        'The cache is never cleared.',
        '',
        `Filed by Switchyard for [${API}#7](https://github.com/acme/web/issues/7).`,
      ].join('\n'),
    )
    expect(stage.on.local.inspect().labels(ELSEWHERE, issue?.number ?? 0)).toEqual(['debt', 'new-label'])
    expect(stage.on.local.inspect().violations()).toEqual([])
  })

  it.each([false, true])('files it once per run and step, though the answer got lost (connection cut: %s)', async (hangUp) => {
    const run = stage.run({}, { id: `once${hangUp}` })
    const before = issues().length
    const route = '/repos/{owner}/{repo}/issues'
    stage.on.local.faults.failNext({ method: 'POST', route }, { status: 502, afterEffect: true, hangUp })
    await expect(file(run)).rejects.toMatchObject({ failure: { cause: 'api' } })
    const found = await file(run, { id: 'another', title: 'Other words' })
    expect(issues()).toHaveLength(before + 1)
    expect(found).toMatchObject({ effect: 'another', number: issues().at(-1)?.number })
    stage.on.local.as('wes').closeIssue(ELSEWHERE, issues().at(-1)?.number ?? 0)
    expect(await file(run)).toMatchObject({ number: issues().at(-1)?.number })
    await file(run, { step: StepId.parse('second') })
    expect(issues()).toHaveLength(before + 2)
  })

  it('does not take the issue of somebody who copied the marker for its own', async () => {
    const run = stage.run({}, { id: 'copied' })
    const body = '<!-- switchyard:ticket run=copied step=ticket -->'
    const copy = stage.on.local.as('wes').openIssue(ELSEWHERE, { title: 'Mine', body })
    expect(await file(run)).not.toMatchObject({ number: copy.number })
  })

  it('posts what an agent wrote so that it notifies nobody, hides nothing and tells no secret', async () => {
    const body = `Ask @acme/everyone. <!-- switchyard:ticket run=x step=y --> ${SECRET_WORD}`
    await file(stage.run({}, { id: 'hostile' }), { title: `Ping @wes <b>${SECRET_WORD}`, body })
    const issue = issues().at(-1)
    expect(issue?.title).not.toMatch(/(^|\s)@wes|<b>|secret/)
    expect(issue?.body).not.toMatch(/(^|\s)@acme|run=x|registered secret/)
  })

  it('fails for good where the App is not installed', async () => {
    stage.on.local.createOrganization('elsewhere')
    await stage.on.local.createRepository({ owner: 'elsewhere', name: 'far', private: true, files: { a: 'a' }, ci: [] })
    const filing = file(stage.run({}, { id: 'away' }), { repository: 'elsewhere/far' })
    await expect(filing).rejects.toMatchObject({ failure: { cause: 'permission' } })
  })
})
