/** The one comment that says how a run stands, edited in place (CMD-6). */

import { controlLine } from '../commands/checkbox.ts'
import type { RunId } from '../contract/ids.ts'
import type { Section } from './section.ts'
import type { StageRow } from './stages.ts'
import type { StatusView } from './view.ts'

/** GitHub's limit for a comment, in characters. */
const COMMENT_MAX_CHARS = 65_536

const NO_BREAK_SPACE = '\u00a0'

/** What a run's status comments begin with; hidden in the page. With this one is found again. */
export function statusMarker(runId: RunId): string {
  return `<!-- switchyard:status run=${runId} `
}

/** The comment as GitHub flavoured Markdown. Sections are left out from the end where it would grow too long. */
export function renderStatusComment(view: StatusView): string {
  for (let shown = view.sections.length; shown > 0; shown -= 1) {
    const text = layOut(view, view.sections.slice(0, shown))
    if (text.length <= COMMENT_MAX_CHARS) return text
  }
  return layOut(view, []).slice(0, COMMENT_MAX_CHARS)
}

function layOut(view: StatusView, sections: Section[]): string {
  const parts = [
    `${statusMarker(view.runId)}thread=${view.thread} -->`,
    `### Switchyard · ${view.word}`,
    view.lead,
    view.controls.map((control) => controlLine(control)).join('\n'),
    stageTable(view.stages),
    view.pulls.map((line, index) => `${index + 1}. ${line}`).join('\n'),
    ...sections.map(folded),
    `<sub>${view.footer.join(' · ')}</sub>`,
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** Three columns, which a phone has room for, each with a heading, and no state that only a mark says. */
function stageTable(stages: StageRow[]): string {
  if (stages.length === 0) return ''
  const rows = stages.map(({ mark, names, state, spent, since }) => {
    const name = names.join(' · ')
    return `| ${mark}${NO_BREAK_SPACE}${mark === '●' ? `**${name}**` : name} | ${state} | ${unbroken(since || spent)} |`
  })
  return ['| Stage | State | Time |', '|---|---|---|', ...rows].join('\n')
}

/** A number stays beside its unit on a phone; between time and money the line may break. */
function unbroken(words: string): string {
  return words.replaceAll(/(\d) (?=\p{L})/gu, `$1${NO_BREAK_SPACE}`)
}

function folded({ summary, body }: Section): string {
  return `<details><summary>${escapeHtml(summary)}</summary>\n\n${body}\n\n</details>`
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
