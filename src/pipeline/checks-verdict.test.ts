import { describe, expect, test } from 'vitest'
import { API, sha, WEB } from '../../test/support/core/build.ts'
import { aCheck, checksOf } from '../../test/support/core/results.ts'
import { evidenceKey, evidenceText, verdictOf, verdictOfAll } from './checks-verdict.ts'

const head = sha('a')

describe('[GATE-2] the verdict over a head', () => {
  test.each(['success', 'neutral', 'skipped'] as const)('%s passes', (conclusion) => {
    expect(verdictOf(checksOf(WEB, head, [aCheck(conclusion)]))).toBe('green')
  })

  test.each(['failure', 'cancelled', 'timed_out', 'action_required', 'stale'] as const)('%s does not', (conclusion) => {
    expect(verdictOf(checksOf(WEB, head, [aCheck(), aCheck(conclusion, 'other')]))).toBe('red')
  })

  test('anything unfinished is pending, also beside a red one', () => {
    expect(verdictOf(checksOf(WEB, head, [aCheck('failure'), aCheck('pending', 'slow')]))).toBe('pending')
  })

  test('commit statuses count like check runs', () => {
    expect(verdictOf(checksOf(WEB, head, [{ ...aCheck('failure'), source: 'status' }]))).toBe('red')
  })

  test('a required check that is not there is pending, beside green ones', () => {
    expect(verdictOf(checksOf(WEB, head, [aCheck()], { required: ['test', 'deploy'] }))).toBe('pending')
  })
})

describe('[GATE-3] no check at all', () => {
  test('is quiet, and pending where one is required or expected', () => {
    expect(verdictOf(checksOf(WEB, head, []))).toBe('quiet')
    expect(verdictOf(checksOf(WEB, head, [], { required: ['x'] }))).toBe('pending')
    expect(verdictOf(checksOf(WEB, head, [], { expectsChecks: true }))).toBe('pending')
  })
})

describe('several legs', () => {
  const leg = (conclusion: 'success' | 'failure' | 'pending') => checksOf(API, head, [aCheck(conclusion)])

  test.each([
    [[leg('success'), leg('failure'), leg('pending')], 'pending'],
    [[leg('success'), leg('failure')], 'red'],
    [[leg('success'), checksOf(WEB, head, [])], 'quiet'],
    [[leg('failure'), checksOf(WEB, head, [])], 'red'],
    [[leg('success'), leg('success')], 'green'],
  ] as const)('the worst that is final counts, once nothing is pending (%#)', (legs, verdict) => {
    expect(verdictOfAll(legs)).toBe(verdict)
  })
})

test('evidence is named by heads, checks and conclusions, in whatever order they come', () => {
  const a = aCheck('failure', 'a')
  const b = aCheck('timed_out', 'b')
  const key = evidenceKey([checksOf(WEB, head, [a, b])])
  expect(evidenceKey([checksOf(WEB, head, [b, aCheck('success', 'c'), a])])).toBe(key)
  expect(evidenceKey([checksOf(WEB, sha('b'), [a, b])])).not.toBe(key)
  expect(evidenceKey([checksOf(WEB, head, [a])])).not.toBe(key)
  expect(evidenceKey([checksOf(WEB, head, [a, b]), checksOf(API, sha('moved'), [aCheck()])])).toBe(key)
})

describe('[GATE-5] what the fixer is told', () => {
  const lines = (count: number) => Array.from({ length: count }, (_, line) => `line ${line}`).join('\n')

  test('name, title, annotations, and the last 200 lines of each log', () => {
    const check = { ...aCheck('failure', 'unit'), title: '1 failed', log: `${lines(500)}\n` }
    const annotations = [{ path: 'a.ts', line: 3, message: 'wrong' }]
    const text = evidenceText([checksOf(WEB, head, [{ ...check, annotations }, aCheck()])])
    for (const part of ['unit (failure)', '1 failed', 'a.ts:3: wrong', 'line 499']) expect(text).toContain(part)
    expect(text).toContain('line 300\n')
    expect(text).not.toContain('line 299\n')
  })

  test('where many failed each has its share, and the end of its log', () => {
    const many = Array.from({ length: 20 }, (_, n) => ({
      ...aCheck('failure', `job ${n}`),
      log: `${'x'.repeat(29_000)}end of ${n}`,
    }))
    const text = evidenceText([checksOf(WEB, head, many)])
    expect(text.length).toBeLessThanOrEqual(100_000)
    for (let n = 0; n < 20; n += 1) {
      expect(text).toContain(`job ${n} (failure)`)
      expect(text).toContain(`end of ${n}`)
    }
  })
})
