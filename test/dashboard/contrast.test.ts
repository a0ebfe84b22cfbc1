import { describe, expect, test } from 'vitest'
import { loadAssets } from '../../src/web/dashboard/assets.ts'

/** WCAG 2.2, 1.4.3: text against its ground; 1.4.11: what is drawn against what is beside it. */
const TEXT_MIN = 4.5
const DRAWN_MIN = 3

const css = loadAssets().all.find(({ path }) => path.endsWith('/base.css'))?.body ?? ''
const [light = '', dark = ''] = [...css.matchAll(/:root \{([^}]*)\}/g)].map((found) => found[1] ?? '')
const TONES = ['you', 'machine', 'checks', 'queue', 'good', 'bad', 'quiet']
const GROUNDS = ['ground', 'surface', 'sunken']

describe.each([
  ['light', light],
  ['dark', dark],
])('the %s colours', (_, block) => {
  const colours = new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((found) => [found[1], found[2] ?? '']))
  const between = (one: string, other: string) => contrast(colours.get(one) ?? '', colours.get(other) ?? '')

  test('text can be read on every ground', () => {
    for (const ground of GROUNDS) {
      for (const text of ['text', 'soft', 'link'])
        expect(between(text, ground), `${text} on ${ground}`).toBeGreaterThanOrEqual(TEXT_MIN)
    }
    for (const ground of GROUNDS) {
      for (const text of ['bad', 'checks'])
        expect(between(text, ground), `${text} on ${ground}`).toBeGreaterThanOrEqual(TEXT_MIN)
    }
  })

  test('every tone can be read on its own ground', () => {
    for (const tone of TONES) expect(between(tone, `${tone}-ground`), tone).toBeGreaterThanOrEqual(TEXT_MIN)
  })

  test('stations, marks and fields can be told from what is beside them', () => {
    for (const drawn of ['soft', 'link', 'bad', 'machine'])
      expect(between(drawn, 'surface'), drawn).toBeGreaterThanOrEqual(DRAWN_MIN)
  })
})

function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

function luminance(colour: string): number {
  const [red = Number.NaN, green = Number.NaN, blue = Number.NaN] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
