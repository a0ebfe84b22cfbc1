/** Agents that fail in every way, and what a person reads then. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pipeline, repository } from './repositories.ts'
import { call, change, done, plan } from './script.ts'
import { useSwitchyard } from './use-switchyard.ts'
import { isRead } from './what-is-read.ts'

/** The longest silence of the role that hangs, in minutes: 6 s. */
const SILENCE_MINUTES = 0.1
const CODE = pipeline('code')

const FAULTY = [
  { title: 'Silent', file: 'silent.txt', report: { do: 'no-report' } },
  { title: 'Malformed twice', file: 'malformed.txt', report: { do: 'malformed-report' } },
  { title: 'Forged', file: 'forged.txt', report: done('Done.', { nonce: 'somebody-elses-nonce' }) },
] as const

const yard = useSwitchyard({
  repositories: [
    repository('solo', {
      pipelines: {
        code: CODE,
        hang: pipeline('second'),
        planned: pipeline('plan', 'code'),
        ask: pipeline('plan', 'approval'),
      },
      roles: { fixer: { limits: { inactivityMinutes: SILENCE_MINUTES, coldStartSeconds: 5.5 } } },
    }),
  ],
  script: (signals) => ({
    calls: [
      call('coder', 'Crashing', [{ do: 'crash' }]),
      call('fixer', 'Hanging', [{ do: 'hang' }]),
      // Asked a second time, an agent is told what was wrong and no more: its files say which one it is.
      { when: { role: 'coder', resumed: true, fileExists: 'once.txt' }, actions: [done('Written properly the second time.')] },
      ...FAULTY.flatMap(({ title, file, report }) => [
        { when: { role: 'coder', resumed: true, fileExists: file }, actions: [report] },
        call('coder', title, [...change(file, 'faulty\n'), report]),
      ]),
      call('coder', 'Malformed once', [...change('once.txt', 'once\n'), { do: 'malformed-report' }]),
      call('coder', 'Idle', [{ do: 'run', argv: ['true'], mayFail: false }, done('I looked at everything.')]),
      call('coder', 'Nothing to do', [
        { do: 'report', report: { status: 'noop', summary: 'It is there.', reason: 'The note is there already, since v1.' } },
      ]),
      call('coder', 'Gives up', [
        { do: 'report', report: { status: 'failed', summary: 'The build tool is missing in this environment.' } },
      ]),
      call('planner', 'Foreign', [plan(['acme/solo', 'evil/exfiltrate'])]),
      call('planner', 'Only looks', [
        plan([], { repositories: [{ repository: 'acme/solo', role: 'reference', why: 'To read.' }] }),
      ]),
      call('planner', 'Retried', [{ do: 'run', argv: ['sh', '-c', `echo planned >> ${signals}/plans`] }, plan(['acme/solo'])]),
      call('coder', 'Retried', [{ do: 'crash' }], { fileLacks: `${signals}/mended` }),
      call('coder', 'Retried', [...change('note.txt', 'retried\n'), done()]),
    ],
  }),
})

/** The branch of a run has no commit, and there is no pull request. */
async function leavesNothing(number: number): Promise<void> {
  const seen = yard().github.inspect()
  const branches = Object.keys(await seen.branches('acme/solo')).filter((name) => name.startsWith(`switchyard/${number}-`))
  expect(branches).toEqual([])
}

test('an agent that crashes: the cause, the evidence, and how to go on', async () => {
  const task = yard().task({ title: 'Crashing', label: 'switchyard:code' })
  const text = await task.until('failed')
  await task.stateLabel('switchyard/failed')
  expect(text).toContain('**The agent ended with an error.**')
  expect(text).toContain('SIGKILL')
  expect(text).toContain('`/yard retry` goes on at *Code*')
  await leavesNothing(task.number)
  isRead('When an agent fails', 'It crashes', 'The coder was killed.', text)
})

test('an agent that hangs is stopped, and the time-out is named', async () => {
  const task = yard().task({ title: 'Hanging', label: 'switchyard:hang' })
  const text = await task.until('failed')
  expect(text).toMatch(/\*\*The agent fell silent and was stopped\.\*\* At \*Second\*: The agent wrote nothing for 6 s/)
  isRead('When an agent fails', 'It hangs', 'The agent wrote nothing for as long as `roles` allows it.', text)
})

test('[REP-4] a missing report is asked for once more, then the job fails', async () => {
  const task = yard().task({ title: 'Silent', label: 'switchyard:code' })
  const text = await task.until('failed')
  expect(text).toContain('**The agent left no report that can be used.**')
  isRead('When an agent fails', 'It writes no report', 'The coder ended well and wrote no report, twice.', text)
})

test('[REP-4] a malformed report is repaired in the same session', async () => {
  const task = yard().task({ title: 'Malformed once', label: 'switchyard:code' })
  const text = await task.until('ready')
  expect(text).toContain('Written properly the second time.')
  expect(text).toContain('had to be asked for a second time')
  expect(task.pulls('acme/solo')).toHaveLength(1)
})

test('[REP-4] a report that stays malformed fails the job, with its faults', async () => {
  const task = yard().task({ title: 'Malformed twice', label: 'switchyard:code' })
  const text = await task.until('failed')
  expect(text).toContain('**The agent left no report that can be used.**')
  isRead('When an agent fails', 'It writes a malformed report', 'The coder’s report was not what it must be, twice.', text)
})

test('[REP-5] [CS-2] an agent that changes nothing and does not say why', async () => {
  const task = yard().task({ title: 'Idle', label: 'switchyard:code' })
  const text = await task.until('failed')
  expect(text).toContain('**The agent changed nothing and did not say why.**')
  await leavesNothing(task.number)
  isRead('When an agent fails', 'It changes nothing', 'The coder reported success and had committed nothing.', text)
})

test('[CS-2] nothing to do, with a reason, is an end', async () => {
  const task = yard().task({ title: 'Nothing to do', label: 'switchyard:code' })
  const text = await task.until('nothing to do')
  expect(text).toContain('The note is there already, since v1.')
  await task.stateLabel('switchyard/done')
  await leavesNothing(task.number)
  isRead('When an agent fails', 'There was nothing to do', 'The coder reported `noop` with its reason.', text)
})

test('[REP-1] a report with another job’s nonce is void', async () => {
  const task = yard().task({ title: 'Forged', label: 'switchyard:code' })
  const text = await task.until('failed')
  expect(text).toContain('**The agent left no report that can be used.**')
  expect(task.pulls('acme/solo')).toEqual([])
  isRead('When an agent fails', 'Its report is another job’s', 'The coder’s report had a wrong nonce.', text)
})

test('[REP-3] an agent that reports that it failed has failed', async () => {
  const task = yard().task({ title: 'Gives up', label: 'switchyard:code' })
  const text = await task.until('failed')
  expect(text).toContain('The build tool is missing in this environment.')
  isRead('When an agent fails', 'It gives up', 'The coder ended well and reported `failed`.', text)
})

test('[STP-2] a plan that names a foreign repository is sent back, then refused', async () => {
  const task = yard().task({ title: 'Foreign', label: 'switchyard:ask' })
  const text = await task.until('failed')
  expect(text).toContain('evil/exfiltrate is not among this task')
  isRead(
    'When an agent fails',
    'Its plan names a foreign repository',
    'The planner named `evil/exfiltrate`, three times.',
    text,
  )
})

test('a plan that touches nothing is refused', async () => {
  const task = yard().task({ title: 'Only looks', label: 'switchyard:ask' })
  const text = await task.until('failed')
  expect(text).toContain('No repository is to be changed.')
  isRead('When an agent fails', 'Its plan touches nothing', 'The planner named only repositories to read, three times.', text)
})

test('[RUN-4] retry goes on at the step that failed; the plan before it is kept', async () => {
  const task = yard().task({ title: 'Retried', label: 'switchyard:planned' })
  const failed = await task.until('failed')
  const kept = /plan [0-9a-f]{7}/.exec(failed)?.[0]
  await yard().signal('mended')
  const comment = task.comment('hubot', '/yard retry')
  const text = await task.until('ready')
  await task.reaction(comment, 'rocket')
  expect(kept).toBeDefined()
  expect(text).toContain(kept)
  expect(readFileSync(yard().signalFile('plans'), 'utf8')).toBe('planned\n')
  expect(task.pulls('acme/solo')).toHaveLength(1)
  isRead('When an agent fails', 'Retried', 'The coder crashed after the plan; hubot commented `/yard retry`.', text)
})
