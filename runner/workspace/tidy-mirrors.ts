import { GitError } from '../git/git-error.ts'
import { type Git, NETWORK_TIMEOUT_MS } from '../git/run-git.ts'
import type { Log } from '../log.ts'
import { type CacheDeps, evict, listMirrors, withIdleMirror } from './mirror-cache.ts'

/** Branches that a mirror keeps, those with the newest commits: each is told to the remote at every fetch. */
const BRANCHES_KEPT = 100
/** Packs and loose objects that a mirror may have before they are put together; every fetch brings some. */
const PACKS_MAX = 50
const LOOSE_MAX = 6_700
/** How long an object that no branch needs any more is kept, as git says it. */
const UNNEEDED_KEPT = '2.weeks.ago'

/** Forgets old branches and puts packs together, in mirrors that no job uses. One that git cannot read is removed. */
export async function tidyMirrors(
  deps: CacheDeps & { readonly git: Git; readonly log: Log },
  signal: AbortSignal,
  counts: { readonly branches: number; readonly packs: number } = { branches: BRANCHES_KEPT, packs: PACKS_MAX },
): Promise<void> {
  for (const mirror of await listMirrors(deps.dataDir)) {
    if (signal.aborted) return
    try {
      await withIdleMirror(deps, mirror, () => tidy(deps.git, mirror, signal, counts))
    } catch (error) {
      if (signal.aborted) return
      const removed = error instanceof GitError && error.kind === 'exit' && (await evict(deps, mirror))
      deps.log.warn({ mirror, removed, error }, 'mirror could not be tidied')
    }
  }
}

async function tidy(
  git: Git,
  gitDir: string,
  signal: AbortSignal,
  counts: { readonly branches: number; readonly packs: number },
): Promise<void> {
  const { stdout } = await git({ args: ['for-each-ref', '--sort=-committerdate', '--format=%(refname)', 'refs/'], gitDir })
  const old = stdout
    .split('\n')
    .filter((name) => name !== '')
    .slice(counts.branches)
  const input = old.map((name) => `delete ${name}\n`).join('')
  if (old.length > 0) await git({ args: ['update-ref', '--stdin'], gitDir, input })
  // `--auto` looks at the counts first, and mostly does nothing.
  const limits = [`gc.auto=${LOOSE_MAX}`, `gc.autoPackLimit=${counts.packs}`, 'gc.autoDetach=false'].flatMap((limit) => [
    '-c',
    limit,
  ])
  const args = [...limits, 'gc', '--quiet', '--auto', `--prune=${UNNEEDED_KEPT}`]
  await git({ args, gitDir, timeoutMs: NETWORK_TIMEOUT_MS, signal })
}
