import { describe, expect, test } from 'vitest'
import { failingTest } from './failing-test.ts'
import { createScreen } from './screen.ts'
import { table } from './table.ts'

function recorder(isTTY: boolean) {
  const written: string[] = []
  const output = { isTTY, columns: 60, write: (text: string | Uint8Array) => written.push(String(text)) > 0 }
  return { output, written: () => written.join('') }
}
const LINE = { at: 1_234, mark: 'done', what: 'Merged', where: 'acme/api#2', detail: 'at its head', more: ['more'] } as const

describe('the screen', () => {
  test('a pipe gets plain lines, and nothing that is rewritten', () => {
    const { output, written } = recorder(false)
    const screen = createScreen(output, {})
    screen.status('working')
    screen.line(LINE)
    expect(written()).toBe('    1.2 s ✓ Merged                         acme/api#2        at its head\n            more\n')
  })

  test('a terminal has one line that is rewritten below those that stay, cut to its width', () => {
    const { output, written } = recorder(true)
    const screen = createScreen(output, { NO_COLOR: '1' })
    screen.status('w'.repeat(100))
    screen.line(LINE)
    screen.status(null)
    const shown = `            ${'w'.repeat(46)}…`
    const erase = '\r\u001b[2K'
    expect(written().startsWith(`${erase}${shown}${erase}    1.2 s ✓ Merged`)).toBe(true)
    expect(written().endsWith(`more\n${shown}${erase}`)).toBe(true)
  })

  test('colours are for terminals, and NO_COLOR is respected', () => {
    const coloured = recorder(true)
    createScreen(coloured.output, {}).line(LINE)
    expect(coloured.written()).toContain('\u001b[32m✓')
    const plain = recorder(true)
    createScreen(plain.output, { NO_COLOR: '1' }).line(LINE)
    expect(plain.written()).not.toContain('\u001b[')
  })

  test('time never goes back, although something was seen late', () => {
    const { output, written } = recorder(false)
    const screen = createScreen(output, {})
    screen.line({ at: 5_000, mark: 'done', what: 'one' })
    screen.line({ at: 4_900, mark: 'done', what: 'two' })
    expect(written()).toBe('    5.0 s ✓ one\n    5.0 s ✓ two\n')
  })

  test('a table has columns as wide as they need, numbers at the right', () => {
    const { output } = recorder(false)
    const { colours } = createScreen(output, {})
    expect(
      table(
        ['stage', 'n'],
        [
          ['plan', '1'],
          ['code', '12'],
        ],
        colours,
      ),
    ).toBe('  stage   n\n  plan    1\n  code   12')
  })
})

test('of a red job’s log the failing test’s name, place and error are shown', () => {
  const log = `2026-01-01T00:00:00.000Z ✖ adds (1ms)
2026-01-01T00:00:00.000Z ✔ other (1ms)
2026-01-01T00:00:00.000Z ✖ failing tests:
2026-01-01T00:00:00.000Z
2026-01-01T00:00:00.000Z test at test/add.test.mjs:6:1
2026-01-01T00:00:00.000Z ✖ adds (1ms)
2026-01-01T00:00:00.000Z   AssertionError [ERR_ASSERTION]: 3 == 4
2026-01-01T00:00:00.000Z       at node:internal
`
  expect(failingTest(log)).toEqual(['✖ adds (1ms)', 'test at test/add.test.mjs:6:1', 'AssertionError [ERR_ASSERTION]: 3 == 4'])
  expect(failingTest(null)).toEqual([])
})
