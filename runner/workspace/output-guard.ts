import { type HeldOutput, isOver, type OutputLimits } from '../../src/contract/output-limits.ts'
import type { Protection } from '../../src/contract/protection.ts'
import type { Redactor } from '../../src/contract/redact.ts'
import { type Comparison, compareCommits, unread } from '../git/comparison.ts'
import { mergeBase } from '../git/history.ts'
import { type Measured, measureOutput } from '../git/measure-output.ts'
import type { Git } from '../git/run-git.ts'
import { findGuarded } from '../outgoing/find-guarded.ts'
import type { Found } from '../outgoing/found.ts'
import type { LegWorkspace } from './prepare-leg.ts'

/** Why a commit is held; null: it may be pushed. The last answer is kept. */
export type OutputGuard = (commit: string) => Promise<HeldOutput | null>

/** How a guard judges: what is too much, what is protected, and which values are secret. */
export interface OutputRules {
  readonly output: OutputLimits
  readonly protection: Protection
}

/**
 * Looks at what a commit brings over the base before it is pushed (GRD-2). What was on the work branch when the job began
 * is not the job's: each number is the smaller one of that over the base and that over the branch, and so is each
 * path.
 *
 * @param overBase what lies between the tip of the base and a commit; the credentials among it, where they can be told from that
 */
export function createOutputGuard(
  deps: { readonly git: Git; readonly redactor: Pick<Redactor, 'holds'> },
  workspace: LegWorkspace,
  { output: limits, protection }: OutputRules,
  overBase: (commit: string) => Promise<Comparison<readonly Found[] | null>>,
): OutputGuard {
  const { git } = deps
  const { gitDir, baseTip, remoteHead, leg } = workspace
  let last: { readonly commit: string; readonly held: HeldOutput | null } | null = null
  async function look(commit: string): Promise<HeldOutput | null> {
    const base = (await mergeBase(git, gitDir, baseTip, commit)) ?? baseTip
    const between = (from: string) => (from === baseTip ? overBase(commit) : compareCommits(git, gitDir, from, commit, unread))
    const { changes, seen: secrets, ...compared } = await between(base)
    const whole = await measureOutput(git, gitDir, { changes, ...compared })
    const { largest, ...measured } =
      remoteHead === null || !isOver(whole, limits)
        ? whole
        : smaller(whole, await measureOutput(git, gitDir, await between(remoteHead)))
    const outgoing = { repositoryId: leg.repositoryId, gitDir, commit, changes, secrets, baseTip, remoteHead }
    const guarded = await findGuarded(deps, outgoing, protection)
    if (guarded !== null) return { measured, limits, largest, guarded }
    return isOver(measured, limits) ? { measured, limits, largest } : null
  }
  return async (commit) => {
    if (last?.commit !== commit) last = { commit, held: await look(commit) }
    return last.held
  }
}

function smaller(whole: Measured, own: Measured): Measured {
  const fileIsOwn = own.fileBytes <= whole.fileBytes
  return {
    patchBytes: Math.min(whole.patchBytes, own.patchBytes),
    files: Math.min(whole.files, own.files),
    fileBytes: Math.min(whole.fileBytes, own.fileBytes),
    largest: fileIsOwn ? own.largest : whole.largest,
  }
}
