import type { Instant, Run } from '../pipeline/model.ts'
import { isAdopted, latestOutput } from '../pipeline/state.ts'
import { whatFailed, whatToDo } from './failure-lead.ts'
import { runSummary } from './issue-summary.ts'
import { HEALTH_WORDS } from './made-sections.ts'
import { legsInOrder, pullLink, revertWords, short } from './pull-lines.ts'
import { safeBlock, safeLine } from './safe-text.ts'

const MESSAGE_MAX_CHARS = 1_000
const SUMMARY_MAX_CHARS = 3_000

/** What a run that is over has come to. */
export function endLead(run: Run, now: Instant): string {
  const { status } = run
  switch (status.state) {
    case 'done':
      return status.outcome === 'merged' ? mergedLead(run, now) : doneLead(run, status.outcome, status.summary)
    case 'failed':
      return paragraphs([
        whatFailed(run, status.step, status.failure),
        whatToDo(run, status.step, status.failure),
        mergedSoFar(run),
      ])
    case 'stopped': {
      const said = safeLine(status.why, MESSAGE_MAX_CHARS).replace(/\.$/, '')
      const why = said.trim() === '' ? '' : `: ${said}`
      const kept = legsInOrder(run).length === 0 ? 'Nothing was left behind.' : 'Branches and pull requests stay as they are.'
      const by = safeLine(status.by, 100)
      return paragraphs([`**Stopped** by ${by}${why}. ${kept} Label the issue again to start anew.`, mergedSoFar(run)])
    }
    case 'queued':
    case 'active':
    case 'paused':
      return ''
  }
}

function paragraphs(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null).join('\n\n')
}

function mergedLead(run: Run, now: Instant): string {
  const merged = legsInOrder(run).filter((leg) => leg.pull.state === 'merged')
  const lines = merged.map((leg, index) => {
    const at = leg.mergedSha === null ? '' : `, at the checked commit \`${short(leg.mergedSha)}\``
    const revert = revertWords(leg)
    return `${index + 1}. ${pullLink(leg)}${at}${revert === '' ? '' : `; ${revert}`}`
  })
  const release = latestOutput(run, 'release')
  return paragraphs([
    merged.length === 1 ? '**Merged.**' : '**Merged, in this order:**',
    lines.join('\n'),
    release === null ? null : `The release: ${HEALTH_WORDS[release.health]}.`,
    runSummary(run, now),
  ])
}

function doneLead(run: Run, outcome: 'ready' | 'nothing-to-do', summary: string): string {
  if (outcome === 'ready') {
    const pulls = legsInOrder(run)
      .filter((leg) => !leg.dropped && !isAdopted(run, leg))
      .map(pullLink)
      .join(', ')
    return pulls === '' ? readyWithoutPulls(run) : `**Review and merge** ${pulls}. Switchyard has done its part.`
  }
  return ['**Nothing to do.** No branch and no pull request was made. The reason:', safeBlock(summary, SUMMARY_MAX_CHARS)].join(
    '\n\n',
  )
}

/** A pipeline that only looks: what it has yielded is unfolded below. */
function readyWithoutPulls(run: Run): string {
  const { prefix } = run.settings
  const adopted = legsInOrder(run).find((leg) => isAdopted(run, leg))
  const last = run.steps.findLast(({ output }) => output !== null)?.output
  switch (last?.kind) {
    case 'plan':
      return `**The plan is ready**, unfolded below. \`${prefix} run\` has the task done.`
    case 'artefact':
      return '**The document is ready**, unfolded below.'
    case 'diagnosis':
      return `**The diagnosis is ready**, unfolded below. \`${prefix} run bugfix\` has the bug mended.`
    case 'agent':
      return last.verdict === null
        ? '**Done.** What was found is unfolded below.'
        : `**Reviewed**: rated ${last.verdict.rating}. The remarks are unfolded below.`
    default:
      if (latestOutput(run, 'workflow')?.text) return '**Done.** What the workflow gave back is unfolded below.'
      return adopted === undefined
        ? '**Done.**'
        : `**Back to you.** Switchyard has done its part; ${pullLink(adopted)} stays open, for you to merge or to go on with.`
  }
}

function mergedSoFar(run: Run): string | null {
  const merged = legsInOrder(run).filter((leg) => leg.pull.state === 'merged')
  const open = legsInOrder(run).filter((leg) => leg.pull.state === 'open' && !leg.dropped)
  if (merged.length === 0) return null
  const rest = open.length === 0 ? '' : ` Not merged: ${open.map(pullLink).join(', ')}.`
  const back = merged.map(revertWords).filter((words) => words !== '')
  const reverts =
    back.length > 0
      ? ` ${back.join(', ')}.`
      : ` \`${run.settings.prefix} revert\` opens pull requests that take ${merged.length === 1 ? 'it' : 'them'} back.`
  return `Merged already: ${merged.map(pullLink).join(', ')}.${rest}${reverts}`
}
