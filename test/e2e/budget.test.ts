/** A run whose money is used up, from its agent’s calls through the real gateway to the merge (SPD-1, SPD-2, SPD-3). */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { git } from '../github/state/git.ts'
import { type ScriptedModel, startModel } from '../model/server.ts'
import { pipeline, repository } from './repositories.ts'
import { call, change, done } from './script.ts'
import { useSwitchyard } from './use-switchyard.ts'
import { isRead } from './what-is-read.ts'

const MODEL = 'claude-sonnet-4-5'
/** 1,000 tokens read and 20,000 written: 0.303 USD at the built-in prices, and as much is kept free for the next. */
const TOKENS = { input: 1_000, output: 20_000, cacheRead: 0 }

/** A program that calls the model through the job’s gateway, up to `most` times, and writes down how each was answered. */
const calls = (signals: string, most: number, model = MODEL) => `
  const { appendFileSync } = require('node:fs')
  const { SWITCHYARD_GATEWAY_URL: url, SWITCHYARD_GATEWAY_TOKEN: token } = process.env
  const headers = { 'x-api-key': token, 'content-type': 'application/json' }
  const body = { model: '${model}', max_tokens: 20000, messages: [{ role: 'user', content: 'Go on.' }], tools: [{ name: 'x' }] }
  ;(async () => {
    for (let nth = 0; nth < ${most}; nth += 1) {
      const answer = await fetch(url + '/v1/messages', { method: 'POST', headers, body: JSON.stringify(body) })
      appendFileSync('${signals}/calls', answer.status + ' ' + (await answer.text()) + '\\n')
      if (!answer.ok) break
    }
  })()`

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
    repository('solo', {
      merge: { by: 'auto' },
      budgets: { run: 1, repositoryMonth: 1.2 },
      pipelines: { code: pipeline('code', 'merge') },
      roles: { coder: { runtime: { model: MODEL } } },
    }),
  ],
  script: (signals) => {
    const program = (most: number, of = MODEL) => ({
      do: 'run' as const,
      argv: [process.execPath, '-e', calls(signals, most, of)],
      mayFail: false,
    })
    return {
      calls: [
        call('coder', 'Costly', [program(1), ...change('second.txt', 'second\n'), done()], {
          fileExists: 'first.txt',
          resumed: true,
        }),
        // Whatever it makes of the refusal: it would not end by itself.
        call('coder', 'Costly', [...change('first.txt', 'first\n'), program(9, 'claude-opus-4-1'), program(9), { do: 'hang' }]),
      ],
    }
  },
})

const inSolo = async (...args: string[]) => (await git(yard().github.inspect().repository('acme/solo').dir, args)).trim()
const answers = () =>
  readFileSync(yard().signalFile('calls'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.slice(0, 3))

test('[RUN-2] [SPD-1] [SPD-2] [SPD-3] at the end of its money the agent is stopped and its work pushed; the box that lets it spend more goes on to the merge; a start without money is refused', async () => {
  const { github } = yard()
  const task = yard().task({ title: 'Costly', label: 'switchyard:code' })
  const paused = await task.until('paused')
  expect(paused).toContain(
    '**Paused**: The budget of this run is used up: $0.91 of $1.00, and the next call may cost $0.30. It stands at *Code*; what was pushed is kept. `/yard budget +5` lets it spend that much more, and goes on from here.',
  )
  await task.stateLabel('switchyard/paused')
  isRead(
    'When money runs out',
    'A run has used up its budget',
    'The coder’s fourth call did not fit into `budgets.run`.',
    paused,
  )

  // A dearer model than the role's was refused; then three calls were made, and the fourth was refused before it went out.
  expect(answers().slice(0, 4)).toEqual(['404', '200', '200', '200'])
  // It may be stopped before it has written that down.
  expect(['403', undefined]).toContain(answers()[4])
  expect(model.turns()).toHaveLength(3)
  const { waitFor } = yard()
  const branches = async () => Object.keys(await github.inspect().branches('acme/solo'))
  await expect.poll(branches, { timeout: 60_000 }).toContainEqual(expect.stringMatching(/^switchyard\/\d+-/))
  const branch = (await branches()).find((name) => name.startsWith('switchyard/')) ?? ''
  expect(await inSolo('show', `${branch}:first.txt`)).toBe('first')

  // Going on without money is refused, and so is whoever may not spend it.
  const resume = task.comment('hubot', '/yard resume')
  await task.reaction(resume, 'confused')
  expect(await task.reply(1)).toContain('`/yard budget +0.22` or more goes on from here')
  const reader = task.comment('rita', '/yard budget +5')
  await task.reaction(reader, 'confused')
  expect(model.turns()).toHaveLength(3)

  // Whoever lost the role since the box was shown raises nothing by it.
  const tick = () => github.as('hubot').tick(task.repository, task.statusComment()?.id ?? 0, 'Let it spend $5')
  const role = (of: 'triage' | 'write') => github.inspect().repository(task.repository).collaborators.set('hubot', of)
  github.faults.pause()
  tick()
  role('triage')
  github.faults.resume()
  await waitFor(() => task.replies().find((text) => text.includes('yours is *triage*')), 'the refusal of the tick')
  await waitFor(() => !task.statusComment()?.body.includes('- [x]'), 'the box reset')
  expect(model.turns()).toHaveLength(3)
  role('write')

  tick()
  const merged = await task.until('merged')
  await github.idle()
  expect(await inSolo('show', 'main:first.txt')).toBe('first')
  expect(await inSolo('show', 'main:second.txt')).toBe('second')
  expect(model.turns()).toHaveLength(4)
  expect(merged).toContain('$1.21 of $6.00')

  task.comment('rita', '/yard cost')
  const cost = await waitFor(() => task.replies().find((text) => text.includes('The run may spend')), 'what it cost')
  expect(cost).toContain(
    'So far **$1.21** and **84,000 tokens**, in 4 calls of models. The run may spend $6.00; $4.79 is left.',
  )
  expect(cost).toContain(`| code | coder | ${MODEL} | 4 | 84,000 | $1.21 |`)
  task.comment('hubot', '/yard status --history')
  const history = await waitFor(() => task.replies().find((text) => text.includes('may spend $5.00 more')), 'the history')
  expect(history).toContain('$0.91 of $1.00 is used: the budget of this run')
  expect(JSON.stringify(github.inspect().comments('acme/solo', task.number))).not.toContain('the-vendors-real-key')

  // The month's budget was raised for that run alone: nothing is left of it for another.
  const next = yard().task({ title: 'Another', label: 'switchyard:code' })
  const refused = await next.reply()
  expect(refused).toContain("was not done: this month's budget of the repository is used up: $1.21 of $1.20.")
  expect(refused).toContain('Raise `budgets.repositoryMonth` in `.github/switchyard.yml`, or start again from')
  expect(next.statusComment()).toBeNull()
  next.comment('rita', '/yard explain code')
  const explained = await next.reply(2)
  expect(explained).toContain('May spend on metered calls of models: $1.00 in all and $10.00 a job.')
  expect(explained).toContain("Of this month's budget of the repository $0.00 is left: $1.21 of $1.20 is spent.")
})
