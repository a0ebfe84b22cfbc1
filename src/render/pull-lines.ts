import type { Leg, Run } from '../pipeline/model.ts'
import { latestOutput } from '../pipeline/state.ts'

/** The legs with a pull request, in the order in which they merge. */
export function legsInOrder(run: Run): (Leg & { pull: NonNullable<Leg['pull']> })[] {
  const place = (leg: Leg) => {
    const index = run.mergeOrder.indexOf(leg.key)
    return index < 0 ? run.mergeOrder.length : index
  }
  return run.legs
    .flatMap((leg) => (leg.pull === null ? [] : [{ ...leg, pull: leg.pull }]))
    .toSorted((a, b) => place(a) - place(b))
}

/** A link to a leg's pull request. */
export function pullLink(leg: Leg & { pull: NonNullable<Leg['pull']> }): string {
  return `[${leg.repository}#${leg.pull.number}](${leg.pull.url})`
}

/** How a leg's pull request stands, in a few words; only what GitHub confirmed, and for which head. */
export function pullState(run: Run, leg: Leg): string {
  const { pull, head } = leg
  if (pull === null) return 'no pull request'
  if (leg.dropped) return 'closed, left out'
  if (pull.state === 'merged') return `merged${leg.mergedSha === null ? '' : ` at \`${short(leg.mergedSha)}\``}`
  if (pull.state === 'closed') return 'closed'
  // At the end they are taken out of draft; nobody tells a run that is over when that is done.
  const draft = pull.draft && run.status.state !== 'done'
  const parts = [
    draft ? 'draft' : 'open',
    head !== null && leg.reviewedSha === head ? 'reviewed' : null,
    head !== null && leg.checkedSha === head ? 'checks green' : null,
  ].filter((part) => part !== null)
  return head === null || latestOutput(run, 'agent') === null ? parts.join(', ') : `${parts.join(', ')} at \`${short(head)}\``
}

/** The first digits of a commit id, as people write it. */
export function short(sha: string): string {
  return sha.slice(0, 7)
}

/** One line per pull request, in merge order. */
export function pullLines(run: Run): string[] {
  return legsInOrder(run).map((leg) =>
    [pullLink(leg), leg.role, pullState(run, leg), revertWords(leg)].filter((part) => part !== '').join(' · '),
  )
}

/** Links to the pull requests that take merged ones back. */
export function revertLinks(run: Run): string[] {
  return legsInOrder(run).flatMap(({ repository, revert }) =>
    revert === null ? [] : [`[${repository}#${revert.number}](${revert.url})`],
  )
}

/** How the pull request that takes a merged one back stands; empty where nobody asked for it. */
export function revertWords({ repository, revert }: Leg): string {
  if (revert === null) return ''
  const link = `[${repository}#${revert.number}](${revert.url})`
  return revert.state === 'merged' ? `taken back by ${link}` : `${link} takes it back`
}
