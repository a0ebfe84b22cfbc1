import type { PhrasingContent, Root, RootContent } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown, gfmToMarkdown } from 'mdast-util-gfm'
import { toMarkdown } from 'mdast-util-to-markdown'
import { gfm } from 'micromark-extension-gfm'

/** GitHub flavoured Markdown as a tree. @throws RangeError when the text nests deeper than the stack is */
export function parseMarkdown(text: string): Root {
  return fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
}

/** A tree as GitHub flavoured Markdown; text that looks like markup is escaped, every fence is closed. */
export function writeMarkdown(children: RootContent[]): string {
  const extensions = [gfmToMarkdown({ tablePipeAlign: false })]
  return toMarkdown({ type: 'root', children }, { bullet: '-', rule: '-', emphasis: '_', extensions }).trim()
}

/** Phrasing as one line of Markdown. */
export function writeLine(children: PhrasingContent[]): string {
  return writeMarkdown([{ type: 'paragraph', children }]).replaceAll(/\s+/g, (space) => (space.includes('\n') ? ' ' : space))
}
