import fc from 'fast-check'
import type { Nodes } from 'mdast'
import { visit } from 'unist-util-visit'
import { describe, expect, test } from 'vitest'
import { parseMarkdown } from './markdown-tree.ts'
import { safeBlock, safeLine, safeTitle } from './safe-text.ts'

/** Texts as GitHub would look for mentions and keywords: neighbours joined, code left out. */
function proseOf(markdown: string): string[] {
  const texts: string[] = []
  visit(parseMarkdown(markdown), (node: Nodes) => {
    if (node.type === 'text') texts.push(node.value)
  })
  return texts
}

const MENTION = /(?:^|[^A-Za-z0-9])@[A-Za-z0-9]/
const CLOSING = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\s*:?\s*(?:#\d|GH-\d|https?:|[\w.-]+\/[\w.-]+#\d)/i

/** What is hard to get right: pieces that mean something together. */
const PIECES = [
  '@mona',
  '@',
  'mona',
  'Closes #12',
  'Closes',
  ' #12',
  'fixes: ',
  'acme/api#3',
  'GH-4',
  '<b>',
  '</b>',
  '<!--',
  '-->',
  '<details>',
  '</details>',
  '![',
  '](',
  'https://evil.example/p.png',
  ')',
  '[',
  ']',
  '**',
  '_',
  '`',
  '```',
  '\n',
  '\n\n',
  '- [ ] ',
  '> ',
  '# ',
  '|',
  '---',
  '    ',
  '\\',
  '&commat;',
  '&#64;',
  '&num;',
  '<img src="https://evil.example/x.png" alt="a">',
  '[x]: https://evil.example/p.png\n',
  '![x]',
  '\u200b',
  '\u202e',
  '[^1]',
  '[^1]: note\n',
  '<!-- switchyard:control merge -->',
  '<!-- switchyard:status run=k3f9 thread=a -->',
  'javascript:alert(1)',
  '~~~',
  '| a | b |\n|---|---|\n',
]
const nasty = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 40 })
  .map((parts) => parts.join(''))

function expectHarmless(markdown: string): void {
  for (const text of proseOf(markdown)) expect(text).not.toMatch(MENTION)
  expect(markdown).not.toMatch(CLOSING)
  expect(markdown).not.toMatch(/<!-- switchyard:(?:status|pull|control)/)
  visit(parseMarkdown(markdown), (node: Nodes) => {
    expect(['html', 'image', 'imageReference', 'definition', 'footnoteDefinition']).not.toContain(node.type)
    if (node.type === 'listItem') expect(node.checked ?? null).toBeNull()
    if (node.type === 'link') expect(node.url).toMatch(/^(?:https?:\/\/|mailto:)/i)
  })
}

describe('text by others, made fit to be posted', () => {
  test.each([
    ['ask @mona and @acme/team', 'ask @\u200bmona and @\u200bacme/team'],
    ['Closes #12, fixes acme/api#3', 'Cl\u200boses #12, fi\u200bxes acme/api#3'],
    ['this fixes the bug', 'this fixes the bug'],
    ['mail a@example.org', 'mail a\\@example.org'],
    ['![a cat](https://evil.example/cat.png)', '(image: a cat)'],
    ['a <b>bold</b> word<!-- hidden -->', 'a bold word'],
    ['# Title', '#### Title'],
    ['- [x] done', '- done'],
    ['`npm i @acme/kit`', '`npm i @acme/kit`'],
    ['[click](javascript:alert(1))', 'click'],
  ])('%j', (text, safe) => {
    expect(safeBlock(text, 1_000)).toBe(safe)
  })

  test('a fence that is not closed is closed', () => {
    expect(safeBlock('```js\nlet a', 1_000)).toBe('```js\nlet a\n```')
  })

  test('no mention, closing keyword, image, HTML, checkbox or marker survives in a block', () => {
    fc.assert(
      fc.property(nasty, fc.integer({ min: 20, max: 2_000 }), (text, max) => {
        const safe = safeBlock(text, max)
        expect(safe.length).toBeLessThanOrEqual(max)
        expectHarmless(safe)
      }),
      { numRuns: 300 },
    )
  })

  test('nor in a line, which stays one line and one table cell', () => {
    fc.assert(
      fc.property(nasty, fc.integer({ min: 20, max: 300 }), (text, max) => {
        const safe = safeLine(text, max)
        expect(safe).not.toContain('\n')
        expectHarmless(safe)
        const [table] = parseMarkdown(`| a | b |\n|---|---|\n| ${safe} | end |\n`).children
        const row = table?.type === 'table' ? table.children[1] : undefined
        expect(row?.children).toHaveLength(2)
        expect(row?.children[1]?.children).toMatchObject([{ type: 'text', value: 'end' }])
      }),
      { numRuns: 300 },
    )
  })

  test('nor in a title, which is plain, short, and on one line', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const safe = safeTitle(text, 80)
        expect(safe.length).toBeLessThanOrEqual(80)
        expect(safe).not.toMatch(/[\n<>]/)
        expect(safe).not.toMatch(MENTION)
        expect(safe).not.toMatch(CLOSING)
      }),
      { numRuns: 300 },
    )
  })

  test('nesting deeper than a parser’s stack and texts of a megabyte are taken in stride', () => {
    for (const text of [
      '> '.repeat(9_000),
      '>'.repeat(19_000),
      '**a'.repeat(6_000),
      '- '.repeat(9_000),
      'word '.repeat(200_000),
      '['.repeat(20_000),
    ]) {
      expect(safeBlock(text, 5_000).length).toBeLessThanOrEqual(5_000)
      expect(safeLine(text, 200)).not.toContain('\n')
    }
  })
})
