import { type HeldOutput, isOver, type OutputLimits } from '../../src/contract/output-limits.ts'
import { type Comparison, compareCommits } from '../git/comparison.ts'
import { mergeBase } from '../git/history.ts'
import { type Measured, measureOutput } from '../git/measure-output.ts'
import type { Git } from '../git/run-git.ts'
import type { LegWorkspace } from './prepare-leg.ts'

/** What of a commit is over the limits; null: it may be pushed. The last answer is kept. */
export type OutputGuard = (commit: string) => Promise<HeldOutput | null>

/**
 * Looks at what a commit brings over the base before it is pushed (GRD-2). What was on the work branch when the job began
 * is not the job's: each number is the smaller one of that over the base and that over the branch.
 *
 * @param overBase what lies between the tip of the base and a commit
 */
export function createOutputGuard(
  git: Git,
  workspace: LegWorkspace,
  limits: OutputLimits,
  overBase: (commit: string) => Promise<Comparison>,
): OutputGuard {
  const { gitDir, baseTip, remoteHead } = workspace
  let last: { readonly commit: string; readonly held: HeldOutput | null } | null = null
  async function look(commit: string): Promise<HeldOutput | null> {
    const base = (await mergeBase(git, gitDir, baseTip, commit)) ?? baseTip
    const between = (from: string) => (from === baseTip ? overBase(commit) : compareCommits(git, gitDir, from, commit))
    const whole = await measureOutput(git, gitDir, await between(base))
    if (!isOver(whole, limits)) return null
    const { largest, ...measured } =
      remoteHead === null ? whole : smaller(whole, await measureOutput(git, gitDir, await between(remoteHead)))
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
