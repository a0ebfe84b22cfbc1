/** What the status comment shows, drawn from a run: facts and words, no layout. */

import type { Control } from '../commands/checkbox.ts'
import type { RunId } from '../contract/ids.ts'
import { type ShownState, shownState } from '../pipeline/state.ts'
import { controlsOf } from './controls.ts'
import { wordOf } from './doing.ts'
import { footerOf } from './footer.ts'
import { leadOf } from './lead.ts'
import { mentionWords } from './mention.ts'
import { pullLines } from './pull-lines.ts'
import type { Section } from './section.ts'
import { sectionsOf } from './sections.ts'
import { type StageRow, stageRows } from './stages.ts'
import type { StatusInput } from './status-input.ts'

export interface StatusView {
  runId: RunId
  /** `owner/name#number`: the thread that the comment stands in. */
  thread: string
  state: ShownState
  /** The state in a word or two, for the heading. */
  word: string
  /** The reader's next action, named where somebody has to do it (NOT-1), or what goes on. Markdown. */
  lead: string
  controls: Control[]
  stages: StageRow[]
  /** The pull requests in their merge order, one line of Markdown each. */
  pulls: string[]
  sections: Section[]
  /** Small print, parts of one line of Markdown. */
  footer: string[]
}

/** The view of a run. Pure: the same input gives the same view. */
export function statusView(input: StatusInput): StatusView {
  const { run, now } = input
  return {
    runId: run.id,
    thread: `${run.task.repository}#${run.task.number}`,
    state: shownState(run),
    word: wordOf(run),
    lead: `${mentionWords(run)}${leadOf(input)}`,
    controls: controlsOf(run),
    stages: run.status.state === 'queued' ? [] : stageRows(run, now),
    pulls: isMerged(run) ? [] : pullLines(run),
    sections: sectionsOf(run, input.wholeUrls, input.calls, input.kept),
    footer: footerOf(input),
  }
}

/** A merged run's lead names the pull requests already. */
function isMerged({ status }: StatusInput['run']): boolean {
  return status.state === 'done' && status.outcome === 'merged'
}
