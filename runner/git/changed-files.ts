import type { z } from 'zod'
import type { ChangedFile } from '../../src/contract/job.ts'
import type { Git } from './run-git.ts'

/** Most files that are listed for a leg; the contract's bound. */
export const CHANGED_FILES_MAX = 3_000

export type Changed = z.infer<typeof ChangedFile>

/** The files that differ between two commits, renames found, at most 3,000. */
export async function changedFiles(git: Git, gitDir: string, base: string, head: string): Promise<Changed[]> {
  if (base === head) return []
  const { stdout } = await git({
    args: ['diff-tree', '--ignore-submodules=none', '-r', '-M', '-z', '--raw', '--numstat', base, head, '--'],
    gitDir,
  })
  return parseChanges(stdout).slice(0, CHANGED_FILES_MAX)
}

/**
 * Reads the `-z` form of `--raw --numstat` (git-diff-tree(1)): first every raw entry, then every count. A rename has two
 * paths in both; it is under the new one.
 */
export function parseChanges(output: string): Changed[] {
  const fields = output.split('\0').values()
  const next = (): string => fields.next().value ?? ''
  const changes = new Map<string, Changed>()
  for (let field = next(); field !== ''; field = next()) {
    if (field.startsWith(':')) {
      const letter = field.split(' ').at(-1)?.[0] ?? ''
      const first = next()
      const path = letter === 'R' || letter === 'C' ? next() : first
      const from = letter === 'R' ? { from: first } : {}
      changes.set(path, { path, ...from, status: statusOf(letter), additions: 0, deletions: 0 })
      continue
    }
    const [additions, deletions, path] = field.split('\t')
    if (path === '') next()
    const name = path === '' || path === undefined ? next() : path
    const change = changes.get(name)
    // Binary files have a dash for both counts.
    if (change !== undefined)
      changes.set(name, { ...change, additions: Number(additions) || 0, deletions: Number(deletions) || 0 })
  }
  return [...changes.values()]
}

function statusOf(letter: string): Changed['status'] {
  switch (letter) {
    case 'A':
    case 'C':
      return 'added'
    case 'M':
      return 'modified'
    case 'D':
      return 'deleted'
    case 'R':
      return 'renamed'
    default:
      return 'other'
  }
}
