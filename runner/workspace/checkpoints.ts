import { crashPoint } from '../../src/contract/crash-point.ts'
import type { Clock } from '../clock.ts'
import type { Author } from '../git/commit-object.ts'
import type { Git } from '../git/run-git.ts'
import type { Log } from '../log.ts'
import { fastForward, takeAgentHead } from './agent-head.ts'
import type { LegBranch } from './leg-branch.ts'

/** Pushes what the agent has committed so far, again and again. */
export interface Checkpoints {
  /** No further ones; resolves when one on its way has ended. */
  stop(): Promise<void>
}

/**
 * Every `everyMs` each leg's new commits are pushed, if they go on from what is on the remote. Uncommitted edits are left
 * alone: the agent is still working on them. A checkpoint that fails is logged and tried again the next time.
 */
export function startCheckpoints(
  deps: {
    readonly git: Git
    readonly clock: Clock
    readonly log: Log
    /** Gives a leg its mirror back where that is gone, so that the agent's own git works again too. */
    readonly repair: (branch: LegBranch) => Promise<void>
  },
  branches: readonly LegBranch[],
  everyMs: number,
  author: Author,
): Checkpoints {
  let stopped = false
  let running: Promise<void> = Promise.resolve()
  let cancel = schedule()
  function schedule(): () => void {
    return deps.clock.after(everyMs, () => {
      running = all().finally(() => {
        if (!stopped) cancel = schedule()
      })
    })
  }
  async function all(): Promise<void> {
    await Promise.all(
      branches
        .filter((branch) => branch.workspace.writable)
        .map(async (branch) => {
          try {
            if (await checkpoint(deps, branch, author)) crashPoint('checkpoint-pushed')
          } catch (error) {
            const repo = branch.workspace.leg.repository
            deps.log.warn({ repo, error }, 'checkpoint failed')
            await deps.repair(branch).catch((failure: unknown) => deps.log.warn({ repo, error: failure }, 'repair failed'))
          }
        }),
    )
  }
  return {
    async stop() {
      stopped = true
      cancel()
      await running
    },
  }
}

async function checkpoint({ git, log }: { git: Git; log: Log }, branch: LegBranch, author: Author): Promise<boolean> {
  const { commit } = await takeAgentHead(git, branch.workspace)
  const next = await fastForward(git, branch.workspace, commit, branch.remote(), author)
  // Rewritten history waits for the end: the agent may not be done rewriting.
  if (next.transplanted) return false
  const before = branch.remote()
  const held = await branch.push(next.commit)
  if (held !== null) {
    const { measured, limits, guarded } = held
    const found = guarded?.findings.map(({ kind, path, line }) => ({ kind, path, line }))
    const repo = branch.workspace.leg.repository
    if (found === undefined) log.info({ repo, measured, limits }, 'checkpoint over the output limits, not pushed')
    else log.info({ repo, found }, 'checkpoint with a guarded part, not pushed')
  }
  return branch.remote() !== before
}
