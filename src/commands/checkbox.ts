/**
 * Controls in the status comment: task-list items, each with a hidden marker that says what ticking it asks for. GitHub
 * reports a tick as an edit of the comment, with its text before and after.
 */
import type { Command } from './command.ts'
import { proseLines } from './prose-lines.ts'

/** What a control is called: a command, with a hash where it holds only for what was shown: an approval, a decision's option. */
const CONTROL_ID =
  /^(?:approve:[0-9a-f]{6,64}|answer:\d{1,2}:[0-9a-f]{6,64}|dismiss:Q\d{1,3}|file:F\d{1,2}|budget:[1-9]\d{0,5}|stop|retry|merge|extra-round|proceed|resume|revert)$/
const CONTROL_LINE = /^- \[([ xX])\] .*<!-- switchyard:control (\S+) -->\s*$/

/** One control as it is shown. */
export interface Control {
  /** `approve:7f3a9c1`, `answer:2:41c2e7f`, `dismiss:Q3`, `file:F2`, `budget:5`, `stop`, `retry`, `merge`, `extra-round`, `proceed`, `resume` or `revert`. */
  id: string
  /** Markdown, one line. */
  label: string
  checked: boolean
}

/**
 * A control's line of Markdown. HTML comments in the label are parted: it cannot bring a marker of its own. Nothing is
 * taken out: what is left of an escape would escape what follows, and open the code that a mention stands in.
 */
export function controlLine({ id, label, checked }: Control): string {
  const plain = label
    .replace(/<(?=!--)|--(?=>)/g, '$& ')
    .replace(/\s+/g, ' ')
    .trim()
  return `- [${checked ? 'x' : ' '}] ${plain} <!-- switchyard:control ${id} -->`
}

/**
 * The controls that were ticked by an edit: in the text before unticked, in the text after ticked. What the text before
 * did not offer, or offered twice, does not count: nobody ticks what Switchyard did not show.
 */
export function findTicked(before: string, after: string): string[] {
  const offered = controlsIn(before)
  const now = controlsIn(after)
  return [...offered].filter(([id, checked]) => checked === false && now.get(id) === true).map(([id]) => id)
}

/** What ticking a control asks for; null where it is none of ours. */
export function commandOfControl(id: string): Command | null {
  if (!CONTROL_ID.test(id)) return null
  const [verb, of] = id.split(':')
  switch (verb) {
    case 'approve':
      return { verb, hash: of ?? null, text: null }
    case 'answer':
      return { verb, id: null, text: of ?? '' }
    case 'dismiss':
    case 'file':
      return { verb, id: of ?? '' }
    case 'budget':
      return { verb, addUsd: Number(of) }
    case 'stop':
      return { verb, why: '' }
    case 'retry':
    case 'merge':
    case 'extra-round':
    case 'proceed':
    case 'resume':
    case 'revert':
      return { verb }
    default:
      return null
  }
}

/** Each control of a comment with its state; null where its marker stands twice. Code, quotes and inner lists do not count. */
function controlsIn(markdown: string): Map<string, boolean | null> {
  const found = new Map<string, boolean | null>()
  for (const { text, prose } of proseLines(markdown)) {
    const [, tick, id] = (prose && CONTROL_LINE.exec(text)) || []
    if (tick === undefined || id === undefined || !CONTROL_ID.test(id)) continue
    found.set(id, found.has(id) ? null : tick !== ' ')
  }
  return found
}
