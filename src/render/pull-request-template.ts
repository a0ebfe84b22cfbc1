import type { Heading } from 'mdast'
import { toString as plainText } from 'mdast-util-to-string'
import { isParseable } from '../roles/parseable.ts'
import { parseMarkdown } from './markdown-tree.ts'

/** What there is to fill in, as Markdown; empty where there is nothing. */
export interface TemplateParts {
  what: string
  checked: string
  issue: string
}

/** Headings that ask for a part, as templates commonly name them. The first that fits a heading gets it. */
const ASKED_BY: readonly [keyof TemplateParts, RegExp][] = [
  ['checked', /\b(?:test|tests|tested|testing|verif\w*|validation|qa)\b/i],
  ['issue', /\b(?:issues?|tickets?|related|references?|links?|closes|fixes)\b/i],
  ['what', /\b(?:what|why|summary|description|describe|changes?|overview|motivation|context|purpose|proposed)\b/i],
]

/**
 * The template with our text under its headings. Everything of it stays but its hidden hints; its checkboxes stay as they
 * are, for people. A part that no heading asks for comes first (what) or last (the others).
 */
export function fillTemplate(template: string, parts: TemplateParts): string {
  const text = template.replaceAll('\r\n', '\n').replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '')
  const left = new Map<keyof TemplateParts, string>(Object.entries(parts).flatMap(([name, part]) => entry(name, part)))
  let result = ''
  let at = 0
  for (const heading of headingsOf(text)) {
    const end = heading.position?.end.offset
    if (end === undefined) continue
    const asked = ASKED_BY.find(([name, pattern]) => left.has(name) && pattern.test(plainText(heading)))
    if (asked === undefined) continue
    result += `${text.slice(at, end)}\n\n${left.get(asked[0]) ?? ''}\n`
    left.delete(asked[0])
    at = end
  }
  const filled = (result + text.slice(at)).replaceAll(/\n{3,}/g, '\n\n').trim()
  return [left.get('what'), filled, left.get('checked'), left.get('issue')]
    .filter((part) => part !== undefined && part !== '')
    .join('\n\n')
}

/** The depth of a template's largest headings; null where it has none. */
export function templateDepth(template: string): number | null {
  const depths = headingsOf(template).map(({ depth }) => depth)
  return depths.length === 0 ? null : Math.min(...depths)
}

function entry(name: string, part: string): [keyof TemplateParts, string][] {
  const known = ASKED_BY.find(([key]) => key === name)
  return known === undefined || part === '' ? [] : [[known[0], part]]
}

function headingsOf(text: string): Heading[] {
  if (!isParseable(text)) return []
  try {
    return parseMarkdown(text).children.filter((node) => node.type === 'heading')
  } catch {
    // A template that nests deeper than the stack is kept as it is, with our text around it.
    return []
  }
}
