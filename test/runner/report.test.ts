/** How jobs end: reports, exit codes, repair; with real processes. */
import { readdir, readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { NONCE, openWorkshop, type Step, success, type Workshop } from './workshop.ts'

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop()
  await shop.repository('acme/api')
})
afterEach(async () => {
  await shop.close()
})

const change: Step[] = [
  { do: 'write', file: 'new.txt', text: 'new\n' },
  { do: 'commit', in: '.', message: 'Add new.txt' },
]
const session: Step = { do: 'event', event: { type: 'session', id: 'session-1' } }

async function run(script: readonly Step[], more: Record<string, unknown> = {}) {
  return (await shop.run(shop.spec([shop.leg('acme/api')], script, more))).result
}

test('[REP-1] the report is outside the checkout and absent before the start', async () => {
  const look: Step = {
    do: 'sh',
    script: `ls -A $(dirname $SWITCHYARD_REPORT_FILE) > ${shop.dir}/before; case $SWITCHYARD_REPORT_FILE in $PWD/*) exit 9;; esac`,
  }
  expect(await run([look, ...change, success()])).toMatchObject({ status: 'finished' })
  expect(await readFile(`${shop.dir}/before`, 'utf8')).not.toContain('report')
  const again = await run([
    { do: 'sh', script: 'test ! -e $SWITCHYARD_REPORT_FILE' },
    success(),
    { do: 'write', file: 'b', text: 'b' },
  ])
  expect(again).toMatchObject({ status: 'finished' })
})

test('[REP-1] a report with a wrong nonce is void', async () => {
  const forged = { status: 'success', summary: 'All good', nonce: 'nonce-of-somebody-else' }
  expect(await run([...change, { do: 'report', report: forged }])).toMatchObject({
    status: 'failed',
    failure: { cause: 'no-usable-output', detail: expect.stringContaining('nonce') },
  })
})

test('[REP-3] exit 0 and "failed" is failed, with the report', async () => {
  const result = await run([...change, { do: 'report', report: { status: 'failed', summary: 'It cannot be done.' } }])
  expect(result).toMatchObject({
    status: 'failed',
    failure: { cause: 'agent', message: expect.stringContaining('It cannot be done.') },
    report: { status: 'failed' },
  })
})

test('[REP-3] a bad exit with pushed work and no report is recovered and marked so', async () => {
  const result = await run([...change, { do: 'exit', code: 3 }])
  expect(result).toMatchObject({
    status: 'finished',
    report: { status: 'partial', nonce: NONCE, recovered: true },
    legs: [{ ahead: 1 }],
  })
  expect(result.notes.join()).toContain('Recovered')
})

test('[REP-3] a bad exit without work is the agent’s failure', async () => {
  expect(await run([{ do: 'exit', code: 3 }])).toMatchObject({
    status: 'failed',
    failure: { cause: 'agent', message: expect.stringContaining('3') },
  })
})

test('[REP-3] a verdict quoted in prose does not count', async () => {
  const prose: Step = { do: 'sh', script: `echo 'Final report: {"status":"success","summary":"Done","nonce":"${NONCE}"}'` }
  expect(await run([...change, prose])).toMatchObject({ status: 'failed', failure: { cause: 'no-usable-output' } })
})

test('[REP-4] a malformed report is asked for again once, in the same session and with the errors', async () => {
  const script: Step[] = [
    session,
    ...change,
    { do: 'report', report: { status: 'success', summary: 7 } },
    {
      do: 'when-resumed',
      steps: [
        { do: 'sh', script: `cp $SWITCHYARD_PROMPT_FILE ${shop.dir}/repair; echo $SWITCHYARD_RESUME > ${shop.dir}/resume` },
        success({ summary: 'Repaired.' }),
      ],
    },
  ]
  const result = await run(script)
  expect(result).toMatchObject({
    status: 'finished',
    report: { summary: 'Repaired.' },
    session: 'session-1',
    legs: [{ ahead: 1 }],
  })
  expect(await readFile(`${shop.dir}/repair`, 'utf8')).toContain('summary: ')
  expect(await readFile(`${shop.dir}/resume`, 'utf8')).toBe('session-1\n')
})

test('[REP-4] a report that is missing the second time too ends the job with no-usable-output', async () => {
  const count: Step = { do: 'sh', script: `mktemp ${shop.dir}/asked-XXXX` }
  expect(await run([session, ...change, count, { do: 'when-resumed', steps: [count] }])).toMatchObject({
    status: 'failed',
    failure: { cause: 'no-usable-output' },
  })
  expect((await readdir(shop.dir)).filter((name) => name.startsWith('asked-'))).toHaveLength(2)
})

test('[REP-5] success without a commit is no-changes; without a tool call the agent never acted', async () => {
  const idle = await run([success()])
  expect(idle).toMatchObject({
    status: 'failed',
    failure: { cause: 'no-changes', message: expect.stringContaining('never acted') },
  })
  const tool: Step = { do: 'event', event: { type: 'tool-start', id: '1', name: 'Read', detail: 'README.md' } }
  const acted = await run([tool, success()])
  expect(acted).toMatchObject({
    status: 'failed',
    failure: { cause: 'no-changes', message: expect.not.stringContaining('never acted') },
  })
})

test('[REP-5] noop with a reason is a good end', async () => {
  expect(await run([{ do: 'report', report: { status: 'noop', summary: 'S', reason: 'It is there already.' } }])).toMatchObject(
    { status: 'finished', report: { status: 'noop' } },
  )
})

test('[REP-2] a question to a person is a good end, with its options, and needs no commit', async () => {
  const asked = { question: 'Which of the two prices is meant?', options: ['Net', 'Gross'] }
  expect(await run([{ do: 'report', report: { status: 'needs-decision', summary: 'S', ...asked } }])).toMatchObject({
    status: 'finished',
    report: { status: 'needs-decision', ...asked },
    legs: [{ head: null, ahead: 0 }],
  })
})

test('[JOB-6] a commit that changes nothing makes no branch', async () => {
  expect(await run([{ do: 'commit', in: '.', message: 'Nothing' }, success()])).toMatchObject({
    status: 'failed',
    failure: { cause: 'no-changes' },
    legs: [{ head: null }],
  })
  expect(await shop.git('acme/api', 'branch', '--list')).toBe('* main')
})

test('an unknown runtime is refused, a program that is not there fails the job, a session is reported', async () => {
  expect(await run([], { runtime: { name: 'nobody' } })).toMatchObject({ status: 'failed', failure: { cause: 'dispatch' } })
  expect(await run([], { runtime: { name: 'command', command: ['/no/such/program'] } })).toMatchObject({
    status: 'failed',
    failure: { cause: 'agent' },
  })
})

test('usage and tools are told; the usage of a repair is added', async () => {
  const usage = (inputTokens: number): Step => ({ do: 'event', event: { type: 'usage', usage: { inputTokens } } })
  const result = await run([session, usage(5), usage(10), ...change, { do: 'when-resumed', steps: [usage(3), success()] }])
  expect(result).toMatchObject({ status: 'finished', usage: { inputTokens: 13 } })
})
