/** Untrusted text at random: what must hold whatever somebody writes. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { safeBlock, safeLine, safeTitle } from '../../src/render/safe-text.ts'
import { cleanText } from '../../src/roles/clean-text.ts'
import { expectHarmless, expectHarmlessTitle, expectNothingHidden } from './harmless.ts'

const INVISIBLE = [
  ...['\u200b', '\u200d', '\ufeff', '\u202e', '\u2066', '\u200e', '\u200f', '\u00ad', '\u2060', '\u2063', '\u2064', '\ufe0f'],
  ...['\u{e0000}', '\u{e0041}', '\u{e007f}', '\u{e0101}', '\u0007'],
]
const PIECES = [
  ...['<!--', '-->', '<!', '<?', '?>', '<![CDATA[', ']]>', '<b title="', '<img alt=', '">', '</b>', '<a href="'],
  ...['![', '[', '](', ')', ']', '[a]', '[a]: ', '[^a]', '[^a]: ', '"b"', "'b'", '(b)', '\\', '<', '>', '`', '```', '~~~'],
  ...['**', '_', '\n', '\n\n', '> ', '- ', '- [ ] ', '1. ', '# ', '    ', '|', '\n|---|---|\n', '&', '#', '&#82', '03;'],
  ...['@', '@mona', '@acme/team', '&commat;', '&#64;', 'Closes', 'fixes: ', ' #12', 'acme/api#3', 'GH-4', 'https://a.example/'],
  ...['<!-- switchyard:control merge -->', 'switchyard:', 'status run=a', '<details>', 'javascript:', 'word', ' '],
  ...INVISIBLE,
]
const nasty = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...PIECES) }, fc.string({ unit: 'binary', maxLength: 4 })), {
    maxLength: 60,
  })
  .map((parts) => parts.join(''))

test('to an agent: cleaning throws never, hides nothing, and twice changes nothing more', () => {
  fc.assert(
    fc.property(nasty, (text) => {
      const clean = cleanText(text)
      expect(cleanText(clean)).toBe(clean)
      expectNothingHidden(clean)
    }),
    { numRuns: 300 },
  )
})

test('posted: nothing that does something survives, however often it is posted', () => {
  fc.assert(
    fc.property(nasty, fc.integer({ min: 20, max: 1_000 }), (text, max) => {
      const block = safeBlock(text, max)
      const line = safeLine(text, max)
      for (const markdown of [block, line, safeBlock(block, max * 2), safeLine(line, max * 2)]) expectHarmless(markdown)
      expectHarmlessTitle(safeTitle(text, max))
    }),
    { numRuns: 200 },
  )
})

test('what is visible stays, in its order, with invisible characters anywhere in it', () => {
  const words = ['alpha', 'bravo', 'charlie', 'delta', 'echo', 'golf'] as const
  const between = [
    ' ',
    '\n\n',
    ' **',
    '** ',
    ' `',
    '` ',
    '\n> ',
    '\n- ',
    '\n1. ',
    '\n# ',
    ' ~~',
    ' | ',
    ' & ',
    ' @',
    ' #12 ',
    ' (',
    ') ',
  ]
  const piece = fc.tuple(fc.constantFrom(...words), fc.constantFrom(...between))
  const hidden = fc.array(fc.tuple(fc.nat(), fc.constantFrom(...INVISIBLE)), { maxLength: 20 })
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 30 }), hidden, (pieces, sprinkled) => {
      const chars = [...pieces.flat().join('')]
      for (const [at, char] of sprinkled) chars.splice(at % (chars.length + 1), 0, char)
      const text = chars.join('')
      const expected = pieces.map(([word]) => word)
      for (const shown of [cleanText(text), safeBlock(text, 9_000), safeLine(text, 9_000), safeTitle(text, 9_000)]) {
        expect(shown.match(/alpha|bravo|charlie|delta|echo|golf/g) ?? []).toEqual(expected)
      }
    }),
    { numRuns: 200 },
  )
})
