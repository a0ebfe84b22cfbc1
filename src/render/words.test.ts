import { describe, expect, test } from 'vitest'
import { PIPELINE_STORIES } from '../../test/support/example-pipelines.ts'
import { BY_MONA, story } from '../../test/support/example-runs.ts'
import { formatDuration, formatMoment } from './duration.ts'
import { formatUsd } from './money.ts'
import { STATE_LABEL_PREFIX, STATE_LABELS, stateLabel } from './state-label.ts'
import { renderStatusComment } from './status-comment.ts'
import { renderTerminal } from './terminal.ts'
import { statusView } from './view.ts'

describe('numbers have units', () => {
  test.each([
    [0, '0 s'],
    [40_000, '40 s'],
    [59_900, '1 min'],
    [180_000, '3 min'],
    [3_900_000, '1 h 5 min'],
    [7_200_000, '2 h'],
    [183_600_000, '2 d 3 h'],
  ])('%i ms is %s', (ms, words) => {
    expect(formatDuration(ms)).toBe(words)
  })

  test.each([
    [0, '$0.00'],
    [0.001, '< $0.01'],
    [0.31, '$0.31'],
    [1204, '$1,204.00'],
  ])('%f USD is %s', (usd, words) => {
    expect(formatUsd(usd)).toBe(words)
  })

  test('a moment names its day when it is not today', () => {
    const now = Date.UTC(2026, 2, 4, 14, 5)
    expect(formatMoment(now, now)).toBe('14:05 UTC')
    expect(formatMoment(now - 86_400_000, now)).toBe('2026-03-03 14:05 UTC')
  })
})

describe('[CMD-9] the state label', () => {
  const ready = () => story('asking for checks').checks(2, 'success')
  test.each([
    ['queued', () => story('queued')],
    ['working', () => story('coding')],
    ['working', () => story('waiting for checks')],
    ['needs-you', () => story('needs approval')],
    ['ready', ready],
    [
      'done',
      () =>
        ready()
          .after(1, { type: 'command.merge', ...BY_MONA })
          .pulls()
          .merged()
          .merged(),
    ],
    ['needs-you', PIPELINE_STORIES['questions asked']],
    ['needs-you', PIPELINE_STORIES['decision asked']],
    ['needs-you', PIPELINE_STORIES['pull request closed']],
    ['needs-you', PIPELINE_STORIES['release regressed']],
    ['working', PIPELINE_STORIES['trying again']],
    ['working', PIPELINE_STORIES['release watched']],
    ['paused', PIPELINE_STORIES.paused],
    ['failed', () => story('coding').fail(10)],
    ['failed', () => story('coding').after(1, { type: 'command.stop', ...BY_MONA, why: '' })],
  ])('is %s', (name, tale) => {
    expect(stateLabel(tale().run).name).toBe(`${STATE_LABEL_PREFIX}${name}`)
  })

  test('is one that GitHub takes: colour, description of at most 100 characters', () => {
    for (const label of Object.values(STATE_LABELS)) {
      expect(label.color).toMatch(/^[0-9a-f]{6}$/)
      expect(label.description.length).toBeLessThanOrEqual(100)
    }
  })
})

describe('the status comment in a terminal', () => {
  const tale = story('waiting for checks')
  const input = { queue: null, progress: null, serverUrl: 'https://github.example', dashboardUrl: null }
  const markdown = renderStatusComment(statusView({ ...input, run: tale.run, now: tale.now }))

  test('is plain text without colour, with aligned columns', async () => {
    const text = renderTerminal(markdown, { color: false })
    await expect(`${text}\n`).toMatchFileSnapshot('golden/terminal.txt')
    expect(text).not.toContain('\u001b')
  })

  test('uses colour only where it may', () => {
    expect(renderTerminal(markdown, { color: true })).toContain('\u001b[1m')
  })

  test('unfolds when asked to', () => {
    expect(renderTerminal(markdown, { color: false, unfold: true })).toContain('Merge order: acme/api, then acme/web')
  })
})
