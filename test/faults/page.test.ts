import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CRASH_POINTS } from '../../src/contract/crash-point.ts'
import { CASES } from './cases.ts'
import { ELSEWHERE } from './page.ts'

const ROOT = new URL('../../', import.meta.url)
const page = readFileSync(new URL('docs/crash-points.md', ROOT), 'utf8')

test('[ING-3] every crash point is one of the thread, or is shown elsewhere; the page names each', () => {
  const shown = new Set<string>([...CASES, ...ELSEWHERE].map(({ point }) => point))
  expect(CRASH_POINTS.filter((point) => !shown.has(point))).toEqual([])
  expect(CRASH_POINTS.filter((point) => !page.includes(`| \`${point}`))).toEqual([])
})

test.each(ELSEWHERE)('$point is killed at in $shown', ({ point, shown }) => {
  const file = new URL(shown, ROOT)
  expect(existsSync(file) && readFileSync(file, 'utf8').includes(`'${point}'`)).toBe(true)
})
