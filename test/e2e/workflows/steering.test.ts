/** Dynamic workflows that people hold, stop and pay for on the way, and one that runs another. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type ScriptedModel, startModel } from '../../model/server.ts'
import { isAlive, saysWho, whoSaid } from '../../support/known-process.ts'
import { repository } from '../repositories.ts'
import { call, change, done } from '../script.ts'
import { useSwitchyard } from '../use-switchyard.ts'

const FOLDER = '.github/switchyard/workflows'
const MODEL = 'claude-sonnet-4-5'
/** 0.303 USD a call at the built-in prices, and as much is kept free for the next. */
const TOKENS = { input: 1_000, output: 20_000, cacheRead: 0 }

const script = (name: string, body: string, more = '') =>
  `export const meta = { name: '${name}', description: 'For tests.'${more} }\nexport default async function ({ agent, args, parallel, phase, workflow }) {\n${body}\n}\n`

const SCRIPTS = {
  count: script(
    'count',
    `const [trees, birds] = await parallel(['trees', 'birds'].map((what) => () => agent('Count the ' + what, { label: what })))
  return trees + ' and ' + birds`,
  ),
  write: script(
    'write',
    `await parallel(['left', 'right'].map((side) => () => agent('Write ' + side, { label: side, isolation: 'worktree' })))
  return agent('Go on behind both')`,
  ),
  spend: script(
    'spend',
    `phase('Look')
  const one = await agent('Spend on the first', { label: 'first' })
  return one + ', then ' + (await agent('Spend on the second', { label: 'second' }))`,
  ),
  outer: script('outer', `return 'The inner one said: ' + (await workflow('inner', { what: 'the door' }))`),
  inner: script(
    'inner',
    `const third = await workflow('outer').catch((error) => error.message)
  return (await agent('Describe ' + args.what)) + ' ' + third`,
    `, arguments: { type: 'object', properties: { what: { type: 'string' } }, required: ['what'] }`,
  ),
}

/** A program that calls the model once through the job's gateway; refused, it does not end by itself. */
const spends = `
  const { SWITCHYARD_GATEWAY_URL: url, SWITCHYARD_GATEWAY_TOKEN: token } = process.env
  const headers = { 'x-api-key': token, 'content-type': 'application/json' }
  const body = { model: '${MODEL}', max_tokens: 20000, messages: [{ role: 'user', content: 'Go on.' }], tools: [{ name: 'x' }] }
  fetch(url + '/v1/messages', { method: 'POST', headers, body: JSON.stringify(body) })
    .then((answer) => (answer.ok ? answer.text() : setInterval(() => {}, 1000)))`

let model: ScriptedModel
beforeAll(async () => {
  model = await startModel({ script: () => ({ say: 'Going on.', tokens: TOKENS }) })
  vi.stubEnv('ANTHROPIC_API_KEY', 'the-vendors-real-key')
  vi.stubEnv('ANTHROPIC_BASE_URL', model.url)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await model.close()
})

const yard = useSwitchyard({
  repositories: [
    repository(
      'solo',
      {
        pipelines: { spend: [{ kind: 'workflow', workflow: 'spend', budgets: { Look: 0.37 } }] },
        roles: { researcher: { runtime: { model: MODEL } } },
      },
      { files: Object.fromEntries(Object.entries(SCRIPTS).map(([name, text]) => [`${FOLDER}/${name}.js`, text])) },
    ),
  ],
  script: (signals) => {
    const mark = (word: string) => ({ do: 'run' as const, argv: ['sh', '-c', `${saysWho('$PPID')} >> ${signals}/${word}`] })
    const gate = (word: string) => ({ do: 'wait-for' as const, file: `${signals}/${word}` })
    const spend = { do: 'run' as const, argv: [process.execPath, '-e', spends], mayFail: false }
    return {
      calls: [
        call('researcher', 'Count the trees', [mark('trees'), done('3 trees')]),
        call('researcher', 'Count the birds', [mark('birds'), gate('fly'), mark('counted'), done('5 birds')]),
        call('coder', 'Write left', [...change('left.txt', 'left\n'), done('left')]),
        call('coder', 'Write right', [...change('right.txt', 'right\n'), mark('right'), gate('never'), done('right')]),
        call('researcher', 'Go on behind both', [mark('behind'), done('behind')]),
        call('researcher', 'Spend on the first', [mark('first'), spend, done('one')]),
        call('researcher', 'Spend on the second', [mark('second'), spend, done('two')]),
        call('researcher', 'Describe the door', [done('It is green.')]),
      ],
    }
  },
})

/** The processes that left this mark, oldest first. */
const marks = (word: string): string[] => whoSaid(yard().signalFile(word))

const branches = async () => Object.keys(await yard().github.inspect().branches('acme/solo'))
const gone = (word: string) => yard().waitFor(() => !marks(word).some(isAlive), `the death of the agent ${word}`)

test('[WF-3] [RUN-6] paused and resumed, a workflow makes no call again that had ended, and one anew that was held', async () => {
  const { signal, waitFor } = yard()
  const task = yard().task({ title: 'Count it', label: 'switchyard:workflow:count' })
  await waitFor(() => task.statusComment()?.body.includes('1 of 2 calls done') && marks('birds').length === 1, 'one of two')
  task.comment('hubot', '/yard pause')
  expect(await task.until('paused')).toContain('**Paused** by hubot')
  await gone('birds')
  await signal('fly')
  task.comment('hubot', '/yard resume')
  expect(await task.until('ready')).toContain('3 trees and 5 birds')
  expect([marks('trees').length, marks('birds').length, marks('counted').length]).toEqual([1, 2, 1])
  task.comment('hubot', '/yard status --history')
  await waitFor(() => task.replies().find((text) => text.includes('1 call was done before, and cost nothing again')), 'history')
})

test('[RUN-7] [WF-4] stopped, it goes on with nothing; what a call left is named, and goes at a person’s word', async () => {
  const { github, waitFor } = yard()
  const task = yard().task({ title: 'Write it', label: 'switchyard:workflow:write' })
  await waitFor(() => task.statusComment()?.body.includes('1 of 2 calls done') && marks('right').length === 1, 'one of two')
  task.comment('hubot', '/yard stop')
  const text = await task.until('stopped')
  await gone('right')
  await github.idle()
  const [kept, ...others] = (await branches()).filter((name) => name !== 'main' && /-w\d+-0-[0-9a-f]{6}$/.test(name))
  expect(others).toEqual([])
  expect(text).toContain('Not collected: 1 branch of a call')
  expect(text).toContain(`acme/solo: \`${kept}\`, of left`)
  expect(marks('behind')).toEqual([])
  expect(task.pulls('acme/solo')).toEqual([])

  task.comment('hubot', '/yard stop --delete')
  await waitFor(() => task.statusComment()?.body.includes('Not collected') === false, 'the status without the branch')
  expect((await branches()).filter((name) => name === kept)).toEqual([])
  expect(marks('behind')).toEqual([])
})

test('[WF-5] a phase with a budget: most of it used is noted, all of it used holds the run, and `/yard budget` goes on there', async () => {
  const { waitFor } = yard()
  const task = yard().task({ title: 'Spend it', label: 'switchyard:spend' })
  const paused = await task.until('paused')
  expect(paused).toContain('The budget of "Look" is used up: $0.30 of $0.37, and the next call may cost $0.30.')
  expect(paused).toContain('`/yard budget +5`')
  await gone('second')
  const raised = task.comment('hubot', '/yard budget +1')
  await task.reaction(raised, 'rocket')
  expect(await task.until('ready')).toContain('one, then two')
  expect([marks('first').length, marks('second').length]).toEqual([1, 2])
  expect(model.turns()).toHaveLength(2)
  task.comment('hubot', '/yard status --history')
  const history = await waitFor(() => task.replies().find((text) => text.includes('may spend $1.00 more')), 'the history')
  expect(history).toContain('$0.30 of $0.37 is used: the budget of "Look"')
})

test('[WF-1] a workflow runs another with arguments, and that one no third', async () => {
  const task = yard().task({ title: 'Nest it', label: 'switchyard:workflow:outer' })
  const text = await task.until('ready')
  expect(text).toContain('The inner one said: It is green.')
  expect(text).toContain('workflow() goes one level deep')
})
