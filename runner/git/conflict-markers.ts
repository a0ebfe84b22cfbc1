import type { Git } from './run-git.ts'

/** The lines that git-merge(1) puts around the two sides of a conflict, as extended regular expression. */
const MARKER = '^(<<<<<<< |[|]{7} |=======[[:cntrl:]]?$|>>>>>>> )'

/**
 * The files of a commit that have conflict markers which are not there in the commits it was merged from: a text about
 * merging may have some of its own. In order, at most once each.
 */
export async function conflictMarkers(git: Git, gitDir: string, commit: string, from: readonly string[]): Promise<string[]> {
  const found = await countMarkers(git, gitDir, commit)
  if (found.size === 0) return []
  const known = await Promise.all(from.map((side) => countMarkers(git, gitDir, side)))
  const files = [...found].flatMap(([line, { file, count }]) => {
    const before = known.reduce((sum, side) => sum + (side.get(line)?.count ?? 0), 0)
    return count > before ? [file] : []
  })
  return [...new Set(files)].toSorted()
}

/** How often each marker line is in each file of a commit; binary files are not looked into. */
async function countMarkers(git: Git, gitDir: string, commit: string): Promise<Map<string, { file: string; count: number }>> {
  const args = ['grep', '-I', '-z', '--no-color', '--full-name', '-E', '-e', MARKER, commit, '--']
  const { stdout } = await git({ args, gitDir, answers: [1] })
  const counts = new Map<string, { file: string; count: number }>()
  // `-z`: commit:path, a zero byte, the line, a line feed.
  for (const hit of stdout.split('\n')) {
    const [place = '', text] = hit.split('\0')
    if (text === undefined) continue
    const file = place.slice(commit.length + 1)
    const key = `${file}\0${text}`
    counts.set(key, { file, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  return counts
}
