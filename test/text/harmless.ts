/** What must hold for every text by others, judged by looking at what GitHub would make of it, not at how it was cleaned. */
import type { Nodes } from 'mdast'
import { visit } from 'unist-util-visit'
import { expect } from 'vitest'
import { parseMarkdown } from '../../src/render/markdown-tree.ts'

const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u{FFF9}-\u{FFFB}]|(?![\t\n])\p{Control}/u
/** Where Switchyard itself puts a zero-width space: behind an at sign, and into a word that would do something. */
const OURS = /(?<=@|cl|fi|re|sw)\u200b/gi
const MENTION = /(?:^|[^A-Za-z0-9])@[A-Za-z0-9]/
const CLOSING = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\s*:?\s*(?:#\d|GH-\d|https?:|[\w.-]+\/[\w.-]+#\d)/i
const MARKER = /switchyard:(?:status|pull|control|questions|whole|reply|revert|ticket|reminder)/i
const KEPT_VALUE = /\s(?:href|src)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>=`]+)/gi

/** Nothing is in it that an agent reads and a reader of the page does not. */
export function expectNothingHidden(markdown: string): void {
  expect(markdown).not.toMatch(INVISIBLE)
  visit(parseMarkdown(markdown), (node: Nodes) => {
    if (node.type === 'image' || node.type === 'imageReference') expect(node.alt ?? '').toBe('')
    if (node.type === 'image' || node.type === 'link' || node.type === 'definition') expect(node.title ?? null).toBeNull()
    if (node.type === 'html') expect(node.value.replaceAll(KEPT_VALUE, '')).not.toMatch(/<!|<\?|<[a-z][^<>]*=/i)
  })
}

/** Posted, it tells nobody, closes and loads nothing, and is none of our markers. */
export function expectHarmless(markdown: string): void {
  expect(markdown.replaceAll(OURS, '')).not.toMatch(INVISIBLE)
  expect(markdown).not.toMatch(CLOSING)
  expect(markdown).not.toMatch(MARKER)
  visit(parseMarkdown(markdown), (node: Nodes) => {
    expect(['html', 'image', 'imageReference', 'definition', 'footnoteDefinition']).not.toContain(node.type)
    if (node.type === 'text') expect(node.value).not.toMatch(MENTION)
    if (node.type === 'listItem') expect(node.checked ?? null).toBeNull()
    if (node.type === 'link')
      expect(node).toMatchObject({ title: null, url: expect.stringMatching(/^(?:https?:\/\/|mailto:)/i) })
  })
}

/** The same for a place that is no Markdown, and one line. */
export function expectHarmlessTitle(title: string): void {
  expect(title.replaceAll(OURS, '')).not.toMatch(INVISIBLE)
  for (const forbidden of [MENTION, CLOSING, MARKER, /[\n<>]/]) expect(title).not.toMatch(forbidden)
}
