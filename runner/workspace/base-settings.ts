/**
 * What tells coding agents how to behave comes from the base branch (CFG-6): a pull request's own instructions, hooks, or
 * MCP servers would run as code, or be obeyed, before anybody has reviewed them. The files are restored for the agent's view
 * only: git is told that they are unchanged, so that restoring them is never a change of the work.
 */
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { AGENT_SETTINGS, PLACED_AGENT_SETTINGS } from '../../src/contract/agent-settings.ts'
import { pathMatcher } from '../../src/contract/protection.ts'
import { isThere, parseRaw, type RawChange } from '../git/raw-changes.ts'
import type { Git } from '../git/run-git.ts'
import type { WorkTree } from '../git/work-tree.ts'

/** How the agent's view differs from the commit it starts on. Paths are bytes, one character each (`latin1`). */
export interface BaseSettings {
  /** Written as the base has them. */
  readonly restored: readonly string[]
  /** Taken away: the base has no such file. */
  readonly removed: readonly string[]
  /** Those of the restored that the start does not have, and git must not see as new. */
  readonly unknown: readonly string[]
}

/** Of who sees the work as it is. */
export const NO_DIFFERENCE: BaseSettings = { restored: [], removed: [], unknown: [] }

/** Whether a path is one of these files, or below such a folder. */
export const isAgentSetting = pathMatcher([
  ...AGENT_SETTINGS.flatMap((name) => [`**/${name}`, `**/${name}/**`]),
  ...PLACED_AGENT_SETTINGS.flatMap((place) => [place, `${place}/**`]),
])

/** What of these files differs between two commits or trees. Paths are bytes, one character each (`latin1`). */
export async function changedSettings(git: Git, gitDir: string, from: string, to: string): Promise<RawChange[]> {
  if (from === to) return []
  const anywhere = AGENT_SETTINGS.flatMap((name) => [`:(glob,icase)**/${name}`, `:(glob,icase)**/${name}/**`])
  const placed = PLACED_AGENT_SETTINGS.flatMap((place) => [`:(glob,icase)${place}`, `:(glob,icase)${place}/**`])
  const { stdout } = await git({
    args: ['diff-tree', '-r', '-z', '--no-renames', '--raw', '--no-abbrev', from, to, '--', ...anywhere, ...placed],
    gitDir,
    env: { GIT_LITERAL_PATHSPECS: '0' },
    encoding: 'latin1',
  })
  return parseRaw(stdout)
}

/** How the agent's view of these files differs from the start. */
export async function differingSettings(git: Git, gitDir: string, base: string, start: string): Promise<BaseSettings> {
  const changes = await changedSettings(git, gitDir, base, start)
  const paths = (which: (change: RawChange) => boolean) => changes.filter(which).map(({ path: file }) => file)
  return {
    restored: paths(({ before }) => isThere(before)),
    removed: paths(({ before }) => !isThere(before)),
    unknown: paths(({ after }) => !isThere(after)),
  }
}

/** Lines of `info/exclude` for files that only the base has. */
export function excludeLines({ unknown }: BaseSettings): string[] {
  return unknown.filter((file) => !file.includes('\n')).map((file) => `/${file.replace(/[\\*?[\]]|\s$/g, '\\$&')}`)
}

/** Writes the files as the base has them over the fresh checkout. No agent may be there yet. */
export async function restoreSettings(git: Git, tree: WorkTree, base: string, settings: BaseSettings): Promise<void> {
  const { restored, removed, unknown } = settings
  if (restored.length + removed.length === 0) return
  const { gitDir, folder } = tree
  await Promise.all(removed.map((file) => rm(Buffer.from(`${folder}${path.sep}${file}`, 'latin1'), { force: true })))
  const lines = (files: readonly string[]): string => files.map((file) => `${file}\0`).join('')
  if (restored.length > 0) {
    // An index of its own: the one of the work goes on to say what the start has.
    const env = { GIT_INDEX_FILE: path.join(gitDir, 'index.base') }
    await git({ args: ['read-tree', base], gitDir, env })
    const args = ['checkout-index', '--force', '-z', '--stdin']
    await git({ args, gitDir, workTree: folder, env, input: lines(restored), encoding: 'latin1' })
    await rm(env.GIT_INDEX_FILE, { force: true })
  }
  const absent = new Set(unknown)
  const known = [...restored, ...removed].filter((file) => !absent.has(file))
  if (known.length === 0) return
  const args = ['update-index', '--skip-worktree', '-z', '--stdin']
  await git({ args, gitDir, workTree: folder, input: lines(known), encoding: 'latin1' })
}
