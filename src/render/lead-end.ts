import type { Instant, Run } from '../pipeline/model.ts'
import { causeText } from './failure-text.ts'
import { runSummary } from './issue-summary.ts'
import { legsInOrder, pullLink, short } from './pull-lines.ts'
import { safeBlock, safeLine } from './safe-text.ts'

const MESSAGE_MAX_CHARS = 1_000
const SUMMARY_MAX_CHARS = 3_000

/** What a run that is over has come to. */
export function endLead(run: Run, now: Instant): string {
  const { status } = run
  switch (status.state) {
    case 'done':
      return status.outcome === 'merged' ? mergedLead(run, now) : doneLead(run, status.outcome, status.summary)
    case 'failed': {
      const { what, remedy, command } = causeText(status.failure.cause)
      const message = safeLine(status.failure.message, MESSAGE_MAX_CHARS)
      const todo =
        command === null ? remedy : `${remedy} \`${run.settings.prefix} ${command}\` goes on at the step "${status.step}".`
      return [`**${what}** ${message}`, todo, mergedSoFar(run)].filter((part) => part !== null).join('\n\n')
    }
    case 'stopped': {
      const said = safeLine(status.why, MESSAGE_MAX_CHARS).replace(/\.$/, '')
      const why = said.trim() === '' ? '' : `: ${said}`
      const kept = legsInOrder(run).length === 0 ? 'Nothing was left behind.' : 'Branches and pull requests stay as they are.'
      const by = safeLine(status.by, 100)
      return [`**Stopped** by ${by}${why}. ${kept} Label the issue again to start anew.`, mergedSoFar(run)]
        .filter((part) => part !== null)
        .join('\n\n')
    }
    case 'queued':
    case 'active':
    case 'paused':
      return ''
  }
}

function mergedLead(run: Run, now: Instant): string {
  const merged = legsInOrder(run).filter((leg) => leg.pull.state === 'merged')
  const lines = merged.map((leg, index) => {
    const at = leg.mergedSha === null ? '' : `, at the checked commit \`${short(leg.mergedSha)}\``
    return `${index + 1}. ${pullLink(leg)}${at}`
  })
  return [merged.length === 1 ? '**Merged.**' : '**Merged, in this order:**', lines.join('\n'), runSummary(run, now)].join(
    '\n\n',
  )
}

function doneLead(run: Run, outcome: 'ready' | 'nothing-to-do', summary: string): string {
  if (outcome === 'ready') {
    const pulls = legsInOrder(run).map(pullLink).join(', ')
    return pulls === '' ? '**Done.**' : `**Review and merge** ${pulls}. Switchyard has done its part.`
  }
  return ['**Nothing to do.** No branch and no pull request was made. The reason:', safeBlock(summary, SUMMARY_MAX_CHARS)].join(
    '\n\n',
  )
}

function mergedSoFar(run: Run): string | null {
  const merged = legsInOrder(run).filter((leg) => leg.pull.state === 'merged')
  const open = legsInOrder(run).filter((leg) => leg.pull.state === 'open')
  if (merged.length === 0) return null
  const rest = open.length === 0 ? '' : ` Not merged: ${open.map(pullLink).join(', ')}.`
  return `Merged already: ${merged.map(pullLink).join(', ')}.${rest}`
}
