import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { REPORT_MAX_BYTES } from '../../src/contract/report.ts'
import { parseReport, REPORT_FILE, readReport } from './read-report.ts'

const nonce = 'nonce-of-this-job'
const expected = { nonce, shape: 'work' } as const
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'report-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

test('[REP-1] a report with another nonce is void, whatever else it says', () => {
  const text = JSON.stringify({ status: 'success', summary: 'Done', nonce: 'nonce-of-another-job' })
  expect(parseReport(text, expected).status).toBe('void')
  expect(parseReport(JSON.stringify({ status: 'success', summary: 'Done' }), expected).status).toBe('void')
})

test('[REP-1] a missing, a linked and a huge file are no report', async () => {
  const file = path.join(folder, REPORT_FILE)
  expect(await readReport(folder, expected)).toEqual({ status: 'missing' })
  await writeFile(path.join(folder, 'other'), JSON.stringify({ status: 'success', summary: 'Done', nonce }))
  await symlink(path.join(folder, 'other'), file)
  expect((await readReport(folder, expected)).status).toBe('malformed')
  await rm(file)
  await writeFile(file, ' '.repeat(REPORT_MAX_BYTES + 1))
  expect((await readReport(folder, expected)).status).toBe('malformed')
})

test('[REP-2] unknown fields are kept, known ones are strict', () => {
  const good = parseReport(JSON.stringify({ status: 'success', summary: 'Done', nonce, mood: 'fine' }), expected)
  expect(good).toMatchObject({ status: 'good', report: { mood: 'fine' } })
  const bad = parseReport(JSON.stringify({ status: 'success', summary: 7, nonce, needs_rerun: 'no' }), expected)
  expect(bad).toMatchObject({ status: 'malformed' })
  expect(bad.status === 'malformed' && bad.faults.join('\n')).toMatch(/summary: .*\nneeds_rerun: /)
})

test.each([
  ['success', {}, 'good'],
  ['partial', {}, 'good'],
  ['failed', {}, 'good'],
  ['noop', {}, 'malformed'],
  ['noop', { reason: 'It is there already.' }, 'good'],
  ['needs-decision', {}, 'malformed'],
  ['needs-decision', { question: 'Which?', options: ['This', 'That'] }, 'good'],
  ['done', {}, 'malformed'],
])('[REP-2] status %s with %j is %s', (status, more, verdict) => {
  expect(parseReport(JSON.stringify({ status, summary: 'S', nonce, ...more }), expected).status).toBe(verdict)
})

test.each([
  ['needs_rerun', true, 'yes'],
  ['retryable', false, 0],
  ['failure_class', 'environment', 7],
  ['title', 'Add a price', ['Add']],
  ['checks', [{ command: 'npm test', ok: true, output: '12 passed' }], [{ command: 'npm test' }]],
  ['legs', [{ repository: 'acme/api', notes: 'The tests are slow.' }], [{ repository: 'acme/api' }]],
])('[REP-2] %s is known: %j is kept, %j is a fault', (field, good, bad) => {
  const text = (value: unknown) => JSON.stringify({ status: 'success', summary: 'S', nonce, [field]: value })
  expect(parseReport(text(good), expected)).toMatchObject({ status: 'good', report: { [field]: good } })
  expect(parseReport(text(bad), expected)).toMatchObject({
    status: 'malformed',
    faults: [expect.stringMatching(new RegExp(`^${field}\\b`))],
  })
})

test('[REP-2] a plan is required of a planner that succeeds, not of one that fails', () => {
  const plan = { nonce, shape: 'plan' } as const
  const text = (status: string) => JSON.stringify({ status, summary: 'S', nonce })
  expect(parseReport(text('success'), plan)).toMatchObject({
    status: 'malformed',
    faults: ['plan: a report of this role must have it.'],
  })
  expect(parseReport(text('failed'), plan).status).toBe('good')
})

test('[REP-2] what is not JSON is malformed', () => {
  expect(parseReport('I am done! {"status": "success"}', expected).status).toBe('malformed')
  expect(parseReport('null', expected).status).toBe('void')
})

test('[WF-2] a result that does not fit the schema of a workflow’s call is malformed, with what is wrong where', () => {
  const schema = {
    type: 'object',
    properties: { files: { type: 'array', items: { type: 'string' } }, sure: { type: 'boolean' } },
    required: ['files'],
  }
  const asked = { nonce, shape: 'result', schema } as const
  const text = (result: unknown, status = 'success') => JSON.stringify({ status, summary: 'S', nonce, result })
  expect(parseReport(text({ files: ['a.ts'], sure: true }), asked).status).toBe('good')
  expect(parseReport(text({ files: ['a.ts', 7] }), asked)).toMatchObject({
    status: 'malformed',
    faults: [expect.stringMatching(/^result\.files\.1: /)],
  })
  expect(parseReport(text(undefined), asked).status).toBe('malformed')
  expect(parseReport(text(undefined, 'failed'), asked).status).toBe('good')
})
