import fc from 'fast-check'
import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { describe, expect, test } from 'vitest'
import { parseCommands } from './parse.ts'
import { proseLines } from './prose-lines.ts'

/** Lines that a whole Markdown parser shows as plain text outside quotes: what the scanner may at most find. */
function oracle(markdown: string): Set<number> {
  const tree = fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
  const ranges: { start: number; end: number }[] = []
  const shown = ['root', 'paragraph', 'heading', 'list', 'listItem', 'emphasis', 'strong', 'delete', 'link', 'linkReference']
  const walk = (node: Nodes): void => {
    if (node.type === 'text') ranges.push({ start: node.position?.start.offset ?? 0, end: node.position?.end.offset ?? 0 })
    else if (shown.includes(node.type) && 'children' in node) node.children.forEach(walk)
  }
  walk(tree)
  const found = new Set<number>()
  let offset = 0
  for (const [index, line] of markdown.split('\n').entries()) {
    const start = offset + line.length - line.trimStart().length
    if (ranges.some((range) => range.start <= start && start < range.end)) found.add(index)
    offset += line.length + 1
  }
  return found
}

/** Lines that a whole Markdown parser puts into a quote. */
function quotedByParser(text: string): Set<number> {
  const tree = fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
  const lines = new Set<number>()
  const walk = (node: Nodes): void => {
    const { start, end } = node.position ?? { start: { line: 1 }, end: { line: 0 } }
    if (node.type === 'blockquote') for (let at = start.line; at <= end.line; at += 1) lines.add(at - 1)
    else if ('children' in node) node.children.forEach(walk)
  }
  walk(tree)
  return lines
}

const COMMAND = /^\s*\/yard/
const commandLines = (markdown: string, prose: (index: number) => boolean) =>
  markdown.split('\n').flatMap((line, index) => (COMMAND.test(line) && prose(index) ? [index] : []))
const scanned = (markdown: string) => {
  const lines = proseLines(markdown)
  return commandLines(markdown, (index) => lines[index]?.prose === true)
}
const parsed = (markdown: string) => {
  const found = oracle(markdown)
  return commandLines(markdown, (index) => found.has(index))
}

const indent = fc.constantFrom('', '', '', ' ', '  ', '   ', '    ', '      ', '\t')
const start = fc.constantFrom(
  '',
  '',
  '',
  '',
  '- ',
  '* ',
  '1. ',
  '2) ',
  '-',
  '> ',
  '>',
  '# ',
  '- > ',
  '> - ',
  '- - ',
  '[^1]: ',
  '-   ',
  '-      ',
)
const body = fc.constantFrom(
  '/yard stop',
  '/yard stop',
  '/yard stop',
  'words',
  'a `code',
  'b` c',
  '``',
  '```',
  '```js',
  '~~~',
  '````',
  '<!--',
  '-->',
  'x <!-- y',
  '--> z',
  '<div>',
  '</div>',
  '<b>',
  '<pre>',
  '</pre>',
  '<?php',
  '?>',
  '<!X',
  '<![CDATA[',
  ']]>',
  '<a title="',
  '">',
  '---',
  '===',
  '***',
  '- - -',
  '|-|',
  'a | b',
  '--|--',
  ':-',
  '[a]:',
  '[a]: b',
  '"stop"',
  '\\`',
  '*',
  '**',
  '',
  '',
)
const line = fc.tuple(indent, start, body).map((parts) => parts.join(''))
const markdown = fc.array(line, { minLength: 1, maxLength: 14 }).map((lines) => lines.join('\n'))

describe('prose in a comment', () => {
  test('[CMD-2] whatever the Markdown, no line is taken for a command that a whole parser sees in code, a quote or HTML', () => {
    fc.assert(
      fc.property(markdown, (text) => {
        const allowed = new Set(parsed(text))
        expect(scanned(text).filter((index) => !allowed.has(index))).toEqual([])
      }),
      // Seeded: the parser has odd corners of its own. `FUZZ=60000` looks for new ones.
      process.env.FUZZ === undefined ? { numRuns: 3_000, seed: 20 } : { numRuns: Number(process.env.FUZZ) },
    )
  })

  test('whatever the Markdown, no line is taken for quoted that a whole parser does not see in a quote', () => {
    fc.assert(
      fc.property(markdown, (text) => {
        const inQuote = quotedByParser(text)
        const found = proseLines(text).flatMap(({ quoted }, index) => (quoted === null ? [] : [index]))
        expect(found.filter((index) => !inQuote.has(index))).toEqual([])
      }),
      { numRuns: 2_000, seed: 21 },
    )
  })

  test('in what people usually write the scanner and the parser agree', () => {
    const block = fc.constantFrom(
      'Some words\nover two lines',
      '/yard stop',
      '/yard changes\n- one\n- two',
      '```ts\n/yard stop\n```',
      '> quoted\n> /yard stop',
      '- one\n- two\n  /yard stop',
      '1. one\n\n   /yard stop',
      '    /yard stop',
      '<!-- hidden\n/yard stop -->',
      '<details>\n<summary>x</summary>\n\n/yard stop\n\n</details>',
      '# Title',
      'use `code` and\n/yard stop',
      'List<String> here\n/yard stop',
      '| a | b |\n|---|---|\n| c | d |',
      '---',
      '~~~\n\n/yard stop\n\n~~~',
      'text\n/yard stop\n--\nmona',
    )
    fc.assert(
      fc.property(fc.array(block, { maxLength: 6 }), (blocks) => {
        const text = blocks.join('\n\n')
        expect(scanned(text)).toEqual(parsed(text))
      }),
      { numRuns: 500 },
    )
  })

  test('a hostile comment of 64 KB takes no time to speak of', () => {
    const size = 65_000
    const pieces = [
      '*a_ ',
      '> ',
      '>',
      '<?',
      '<!-- ',
      '<!A ',
      '<![CDATA[',
      '<a b="',
      "<a b='x",
      '[',
      '![a](',
      '[a]: ',
      '`',
      '` `` ',
      '- a\n',
      '- ',
      `${'- '.repeat(40)}a\n`,
      '/yard\n',
      '|a\n',
      '\t',
      '\\',
      '<a ',
      ' - a\n',
      '```\n',
      'a\r',
    ]
    for (const piece of pieces) {
      const text = `/yard stop\n\nx ${piece.repeat(size / piece.length)}`
      const before = performance.now()
      parseCommands(text, '/yard')
      expect(performance.now() - before, JSON.stringify(piece)).toBeLessThan(3_000)
    }
  })
})
