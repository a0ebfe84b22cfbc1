import pLimit from 'p-limit'
import { failureOf } from '../../src/contract/failure.ts'
import { HeadSha } from '../../src/contract/ids.ts'
import type { LegResult } from '../../src/contract/job.ts'
import type { HeldOutput } from '../../src/contract/output-limits.ts'
import type { Redactor } from '../../src/contract/redact.ts'
import { CHANGED_FILES_MAX, changedFiles } from '../git/changed-files.ts'
import { type Comparison, compareCommits, type ReadsPatch } from '../git/comparison.ts'
import { distance, mergeBase } from '../git/history.ts'
import { deleteBranch, pushCommit } from '../git/remote.ts'
import type { Git } from '../git/run-git.ts'
import { secretsOfOne } from '../outgoing/find-secrets.ts'
import type { Found } from '../outgoing/found.ts'
import type { TokenSource } from '../tokens.ts'
import type { Gathered } from './gather-leg.ts'
import { createOutputGuard, type OutputRules } from './output-guard.ts'
import type { LegWorkspace } from './prepare-leg.ts'

/** A leg's work branch on the remote, as far as this job knows it. Pushes of one branch never overlap. */
export interface LegBranch {
  readonly workspace: LegWorkspace
  /** The remote head: what was there at the start, or what this job pushed last. */
  remote(): string | null
  /** The files that differ between the tip of the base and a commit. */
  changes(commit: string): Promise<LegResult['changedFiles']>
  /**
   * Pushes a commit unless it is there already or brings no difference to the base. What is held is not pushed, but
   * given back.
   */
  push(commit: string): Promise<HeldOutput | null>
  /**
   * Brings the branch to the end of the work. A branch that this job made by a checkpoint and that in the end differs in
   * nothing from its base is taken away again.
   */
  settle(commit: string): Promise<HeldOutput | null>
}

type Secrets = readonly Found[] | null
type Looked = Comparison<Secrets>

export function createLegBranch(
  deps: { readonly git: Git; readonly tokens: TokenSource; readonly redactor: Pick<Redactor, 'holds'> },
  workspace: LegWorkspace,
  rules: OutputRules,
): LegBranch {
  const { leg, gitDir, baseTip, start, remoteHead, writable, mergesBase } = workspace
  const { git } = deps
  const oneAtATime = pLimit(1)
  let remote = remoteHead
  let compared: { readonly commit: string; readonly comparison: Promise<Looked> } | null = null
  function overBase(commit: string): Promise<Looked> {
    if (compared?.commit === commit) return compared.comparison
    const look: ReadsPatch<Secrets> = (patch) => secretsOfOne(deps.redactor, gitDir, { base: baseTip, commit }, patch)
    const asked = { commit, comparison: compareCommits(git, gitDir, baseTip, commit, look) }
    compared = asked
    // A failure is no answer to keep.
    asked.comparison.catch(() => {
      if (compared === asked) compared = null
    })
    return asked.comparison
  }
  // Of what is not pushed nobody wants to know how large its patch is.
  async function changes(commit: string): Promise<LegResult['changedFiles']> {
    if (commit === baseTip) return []
    return writable
      ? (await overBase(commit)).files.slice(0, CHANGED_FILES_MAX)
      : await changedFiles(git, gitDir, baseTip, commit)
  }
  const guard = createOutputGuard(deps, workspace, rules, overBase)
  // A branch that differs in nothing from its base would only become an empty pull request.
  const isEmpty = async (commit: string): Promise<boolean> => remoteHead === null && (await changes(commit)).length === 0
  async function push(commit: string): Promise<HeldOutput | null> {
    // A start that was merged with its base is pushed only with work on top, or where merging is the work.
    if (!writable || (commit === start && !mergesBase) || commit === remote || (await isEmpty(commit))) return null
    const held = await guard(commit)
    if (held !== null) return held
    await deps.tokens(leg, 'push', (credential) => pushCommit(git, gitDir, credential, { commit, branch: leg.workBranch }))
    remote = commit
    return null
  }
  async function settle(commit: string): Promise<HeldOutput | null> {
    if (remote !== null && remoteHead === null && (await isEmpty(commit))) {
      const old = { commit: remote, branch: leg.workBranch }
      await deps.tokens(leg, 'push', (credential) => deleteBranch(git, gitDir, credential, old))
      remote = null
      return null
    }
    return await push(commit)
  }
  return {
    workspace,
    changes,
    remote: () => remote,
    push: (commit) => oneAtATime(() => push(commit)),
    settle: (commit) => oneAtATime(() => settle(commit)),
  }
}

/**
 * Pushes what was gathered for one leg and says what became of it. A failed push is part of the answer, no error.
 *
 * @param repaired runs the push, and once more where the leg's mirror was gone
 */
export async function settleLeg(
  git: Git,
  branch: LegBranch,
  gathered: Gathered,
  repaired: (push: () => Promise<HeldOutput | null>) => Promise<HeldOutput | null>,
): Promise<LegResult> {
  const push = await tryPush(branch, () => repaired(() => branch.settle(gathered.commit)))
  return await describeLeg(git, branch, gathered, push)
}

async function tryPush(branch: LegBranch, settle: () => Promise<HeldOutput | null>): Promise<LegResult['push']> {
  const before = branch.workspace.remoteHead
  try {
    const held = await settle()
    if (held !== null) return { status: 'held', ...held }
    return branch.remote() === before ? { status: 'unchanged' } : { status: 'pushed' }
  } catch (error) {
    return { status: 'failed', message: failureOf(error, 'git').message }
  }
}

/** What one leg's remote branch holds against its base. */
export async function describeLeg(
  git: Git,
  branch: LegBranch,
  gathered: Pick<Gathered, 'committedForAgent' | 'leftOut'>,
  push: LegResult['push'],
): Promise<LegResult> {
  const { leg, gitDir, baseTip } = branch.workspace
  const head = branch.remote()
  const shared = {
    key: leg.key,
    repositoryId: leg.repositoryId,
    push,
    committedForAgent: [...gathered.committedForAgent],
    leftOut: [...gathered.leftOut],
  }
  if (head === null) return { ...shared, base: HeadSha.parse(baseTip), head, ahead: 0, changedFiles: [] }
  const { ahead, behind } = await distance(git, gitDir, baseTip, head)
  const base = behind === 0 ? baseTip : ((await mergeBase(git, gitDir, baseTip, head)) ?? baseTip)
  const files = base === baseTip ? await branch.changes(head) : await changedFiles(git, gitDir, base, head)
  return { ...shared, base: HeadSha.parse(base), head: HeadSha.parse(head), ahead, changedFiles: files }
}
