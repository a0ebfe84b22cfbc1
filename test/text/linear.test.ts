/** Texts made to be slow: twice the text takes about twice the time, or what is looked at has a limit. */
import process from 'node:process'
import { expect, test } from 'vitest'
import { safeBlock, safeLine, safeTitle } from '../../src/render/safe-text.ts'
import { cleanText } from '../../src/roles/clean-text.ts'
import { mentionsIn } from '../../src/webhooks/handle/mentions.ts'

const HALF_CHARS = 32 * 1024
/** Texts that a parser is still asked to read, in characters: many short lines up to the first, other markup up to the second. */
const PARSED_CHARS = [5_000, 15_900]
/** Twice the text may take three times as long: twice, and a machine that does something else as well. */
const RATIO_MAX = 3
/** Below this it is not asked, in ms of the processor. */
const SHORT_MS = 100
/** Longest that one text may hold up everything else, in ms of the processor: 100 on a quiet machine, more beside others. */
const LONGEST_MS = 500

const repeated =
  (piece: string, end = '') =>
  (chars: number) =>
    piece.repeat(Math.ceil(chars / piece.length)) + end
const SHAPES: [string, (chars: number) => string][] = [
  ...[
    '[',
    '![',
    '<!--',
    '<!-',
    '`',
    '*a ',
    '**a',
    '_a',
    '|',
    '> ',
    '>',
    '- ',
    '-\n',
    '> - a\n',
    '1. ',
    '<a ',
    '<a "',
    '[a](',
  ].map((piece): [string, (chars: number) => string] => [JSON.stringify(piece), repeated(piece)]),
  ...[
    '](b "',
    '&#8203;',
    '[a]: b\n',
    '[a]: b "\n',
    '\n[^a]: b\n',
    '.',
    '-',
    'a.',
    'www.',
    'http://',
    'a@',
    '@',
    '\\',
    '\n',
    '>\n',
  ].map((piece): [string, (chars: number) => string] => [JSON.stringify(piece), repeated(piece)]),
  ...['close.', 'fixes ', 'a|', '|a|\n|-|\n', '~', '\n\n', '\t', '- a\n', 'a\n', '<', '&', '#', '=\n', '\u200b'].map(
    (piece): [string, (chars: number) => string] => [JSON.stringify(piece), repeated(piece)],
  ),
  ['a tag with a long name', (chars) => `<${repeated('a')(chars)}<`],
  ['a fence of tildes that is none', (chars) => `${repeated('~')(chars)}\``],
  ['a fence and a shorter one', (chars) => `${repeated('~')(chars / 2)} ${repeated('~')(chars / 2 - 2)}`],
  ['a keyword far from anything', (chars) => `close${repeated(' ')(chars)}x`],
  ['a link and spaces', (chars) => `[a](${repeated(' ')(chars)}x`],
  ['spaces between two words', (chars) => `a${repeated(' ')(chars)}b`],
  ['a wide table', (chars) => `${repeated('|a')(chars / 2)}|\n${repeated('|-')(chars / 2)}|\n`],
  ['a bad domain', (chars) => repeated('www.', 'a_.b_')(chars)],
]
const USES: [string, (text: string) => unknown][] = [
  ['cleanText', cleanText],
  ['mentionsIn', (text) => mentionsIn(text, { repository: 'acme/api', serverUrl: 'https://github.com' }, 10)],
  ['safeBlock', (text) => safeBlock(text, 5_000)],
  ['safeBlock of a whole document', (text) => safeBlock(text, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)],
  ['safeLine', (text) => safeLine(text, 600)],
  ['safeTitle', (text) => safeTitle(text, 200)],
]

/** The shortest of a few tries, in ms of the processor: what else a machine does takes none of it. */
function timeOf(use: (text: string) => unknown, text: string): number {
  let least = Number.POSITIVE_INFINITY
  for (let tries = 0; tries < 3; tries += 1) {
    const before = process.cpuUsage()
    use(text)
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / 1_000)
    if (least < SHORT_MS) break
  }
  return least
}

test.each(USES)('%s', { timeout: 300_000 }, (_name, use) => {
  const slow = SHAPES.flatMap(([shape, of]) => {
    const parsed = Math.max(...PARSED_CHARS.map((chars) => timeOf(use, of(chars))))
    const whole = timeOf(use, of(HALF_CHARS * 2))
    const half = whole < SHORT_MS ? whole : timeOf(use, of(HALF_CHARS))
    const ok = whole < SHORT_MS || (whole <= RATIO_MAX * half && Math.max(parsed, whole) < LONGEST_MS)
    const ms = [parsed, half, whole].map(Math.round).join(' ')
    return ok && parsed < LONGEST_MS ? [] : [`${shape}: ${ms} ms`]
  })
  expect(slow).toEqual([])
})
