/**
 * Text by agents and by people, made fit to be posted under the app's name: it notifies nobody, closes nothing, loads
 * nothing from elsewhere, hides nothing, forges no marker, and does not break out of where it is put. Everything that
 * Switchyard did not write itself goes through one of these.
 */
import { toString as plainText } from 'mdast-util-to-string'
import { stripInvisible } from '../roles/invisible.ts'
import { isParseable } from '../roles/parseable.ts'
import { writeLine, writeMarkdown } from './markdown-tree.ts'
import { neutralCode, neutralText } from './neutral.ts'
import { safeTree } from './safe-tree.ts'

/** Text beyond this is not looked at unless more is asked for, in characters. */
const MAX_INPUT_CHARS = 16_000
const SHORTENED = '_(shortened)_'

/** Blocks of Markdown, at most `max` characters long; what is left out is said. */
export function safeBlock(text: string, max: number, look: number = MAX_INPUT_CHARS): string {
  const input = stripInvisible(text)
  for (let limit = Math.min(input.length, look); limit > 0; limit = Math.floor(limit / 2)) {
    const part = input.slice(0, limit).toWellFormed()
    const written = limit < input.length ? `${block(part)}\n\n${SHORTENED}` : block(part)
    if (written.length <= max) return written
  }
  return ''
}

function block(text: string): string {
  const tree = treeOf(text)
  // What no parser should be asked to read is shown as it is, as code.
  return writeMarkdown(tree ?? [{ type: 'code', value: neutralCode(text) }])
}

function treeOf(text: string) {
  if (!isParseable(text)) return null
  try {
    return safeTree(text)
  } catch {
    return null
  }
}

/** One line of Markdown, at most about `max` characters long; fit for a list item or a table cell. */
export function safeLine(text: string, max: number): string {
  const input = stripInvisible(text)
    .slice(0, max * 2)
    .toWellFormed()
  return line(input, max).replaceAll(/\\[\s\S]|\|/g, (part) => (part === '|' ? '\\|' : part))
}

function line(text: string, max: number): string {
  const phrasing = safePhrasing(text)
  const written = writeLine(phrasing)
  if (written.length <= max) return written
  const plain = phrasing.map((node) => plainText(node)).join('')
  return writeLine([{ type: 'text', value: neutral(clip(plain, Math.max(1, Math.floor(max / 2)))) }])
}

function safePhrasing(text: string) {
  if (!isParseable(text)) return [{ type: 'text', value: neutral(text) } as const]
  try {
    return safeTree(text, 'phrasing')
  } catch {
    return [{ type: 'text', value: neutral(text) } as const]
  }
}

/** Plain text in one line, for places that are no Markdown: titles of pull requests and check runs. */
export function safeTitle(text: string, max: number): string {
  const words = stripInvisible(text)
    .slice(0, max * 4)
    .replaceAll(/[<>]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return clip(neutralText(words), max)
}

function neutral(text: string): string {
  return neutralText(text.replaceAll(/\s+/g, ' '))
}

/** The text, or as much of it as fits, with an ellipsis; cut between words where there is one near. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text
  const cut = text.slice(0, Math.max(0, max - 1)).toWellFormed()
  const space = cut.lastIndexOf(' ')
  return `${(space > max / 2 ? cut.slice(0, space) : cut).trimEnd()}…`
}
