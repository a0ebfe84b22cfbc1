import fc from 'fast-check'
import { visit } from 'unist-util-visit'
import { describe, expect, test } from 'vitest'
import { joinWithin, SUMMARY_MAX_CHARS } from './check-summary.ts'
import { parseMarkdown } from './markdown-tree.ts'
import { safeBlock } from './safe-text.ts'
import { splitMarkdown } from './split-markdown.ts'

const ALL = Number.POSITIVE_INFINITY

describe('long Markdown in parts', () => {
  test('is cut between blocks and between items, and nothing of it is lost or rewritten', () => {
    const items = Array.from({ length: 30 }, (_, index) => `- item ${index} of the list`)
    const text = ['# Title', 'A first paragraph.', items.join('\n'), 'A last one.'].join('\n\n')
    const parts = splitMarkdown(text, 200)
    expect(parts.length).toBeGreaterThan(2)
    for (const part of parts) expect(part.length).toBeLessThanOrEqual(200)
    expect(parts.flatMap((part) => part.split('\n')).filter((line) => line !== '')).toEqual(
      text.split('\n').filter((line) => line !== ''),
    )
  })

  test('what fits stays one part', () => {
    expect(splitMarkdown('One.\n\n- two\n- three', 100)).toEqual(['One.\n\n- two\n- three'])
    expect(splitMarkdown('', 100)).toEqual([])
  })

  test('a block longer than a part is shown as code, each slice with fences of its own', () => {
    const code = Array.from({ length: 40 }, (_, index) => `line ${index}`).join('\n')
    const parts = splitMarkdown(`\`\`\`\n${code}\n\`\`\``, 120)
    for (const part of parts) {
      expect(part.length).toBeLessThanOrEqual(120)
      expect(parseMarkdown(part).children.map(({ type }) => type)).toEqual(['code'])
    }
    const values = parts.map((part) => part.replace(/^```text\n/, '').replace(/\n?```$/, '')).join('\n')
    expect(values.split('\n').filter((line) => line !== '')).toEqual(code.split('\n'))
  })

  test('a code block that is too long only with its fences stays code', () => {
    const parts = splitMarkdown(`\`\`\`\n@mona ${'a'.repeat(50)} <details>\n\`\`\``, 70)
    for (const part of parts) expect(parseMarkdown(part).children.map(({ type }) => type)).toEqual(['code'])
  })

  test('whatever an agent wrote, no part calls anybody, and none is too long', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom(
        '@mona ',
        'Closes #1 ',
        '`',
        '```\n',
        '\n\n',
        '- x\n',
        '<details>',
        '\\',
        '[a](https://x.example) ',
        '> ',
      ),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 60, max: 400 }), (pieces, max) => {
        for (const part of splitMarkdown(safeBlock(pieces.join(''), ALL, ALL), max)) {
          expect(part.length).toBeLessThanOrEqual(max)
          // In code a mention calls nobody.
          visit(parseMarkdown(part), 'html', ({ value }) => expect(value).toBe('none'))
          visit(parseMarkdown(part), 'text', ({ value }) => expect(value).not.toMatch(/(?<![A-Za-z0-9])(?:@mona|Closes #1)/))
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('[CMD-8] the summary of a check run within GitHub’s limit', () => {
  test('is cut between two remarks of the longest part, says so, and keeps what stands below', () => {
    const remarks = Array.from({ length: 300 }, (_, index) => `- high \`src/file-${index}.ts\`: ${'long '.repeat(80).trim()}`)
    const text = joinWithin(['Rated 0.4.', remarks.join('\n'), 'Task: [acme/web#7](https://github.example/acme/web/issues/7)'])
    expect(text.length).toBeLessThanOrEqual(SUMMARY_MAX_CHARS)
    expect(text.length).toBeGreaterThan(SUMMARY_MAX_CHARS - 1_000)
    const lines = text.split('\n').filter((line) => line !== '')
    expect(lines.at(-1)).toMatch(/^Task: /)
    expect(lines.at(-2)).toMatch(/^_\(Shortened: /)
    const kept = lines.filter((line) => line.startsWith('- high'))
    expect(kept).toEqual(remarks.slice(0, kept.length))
  })

  test('is left as it is where it fits', () => {
    expect(joinWithin(['Rated 0.9.', 'Good.'])).toBe('Rated 0.9.\n\nGood.')
  })
})
