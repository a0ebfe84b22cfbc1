/**
 * The text that commits would bring, commit by commit: what a later commit takes away again is pushed all the same. Git
 * writes it into a file, which is read piece by piece: it may be larger than what fits into memory.
 */
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { straightLine, type WrittenCommit } from '../git/commit-object.ts'
import { fileLines } from '../git/file-lines.ts'
import type { Git } from '../git/run-git.ts'

/** About how much text is looked at in one piece, in characters; a longer line is a piece by itself. */
const PIECE_CHARS = 64 * 1024

/** Text from consecutive lines of one file, or from the words of a commit. */
export interface AddedText {
  /** As git shows it; null: the words of the commit. */
  readonly path: string | null
  /** The number of the first line in its file. */
  readonly line: number
  readonly text: string
}

/** The whole header of each commit, and its message indented. */
const FORMAT = '--format=raw'
/** Whatever attributes say of a file, it is text. */
const PATCH = ['-p', '-U0', '-M', '--text', '--no-ext-diff', '--no-textconv', '--no-color', '--ignore-submodules=none']

/** Goes through what `commit` and its ancestors would bring that none of `known` has. Throws `GitError`. */
export async function* addedText(
  git: Git,
  gitDir: string,
  commit: string,
  known: readonly string[],
): AsyncGenerator<AddedText> {
  const file = path.join(gitDir, 'switchyard-added')
  const range = [commit, ...known.map((id) => `^${id}`), '--']
  try {
    await git({ args: ['log', '--no-merges', FORMAT, ...PATCH, `--output=${file}`, ...range], gitDir })
    yield* readPatch(fileLines(file))
  } finally {
    await rm(file, { force: true })
  }
  const lines = await Promise.all(known.map((id) => straightLine(gitDir, id, commit)))
  if (lines.some((line) => line !== null)) return
  // Of a merge, what neither side had. Git does not write that into a file; more than fits into memory is refused.
  const merges = await git({ args: ['log', '--merges', '-c', FORMAT, ...PATCH, ...range], gitDir, encoding: 'latin1' })
  yield* readPatch(merges.stdout.split('\n'))
}

/** The same of a single commit, of which the patch is at hand. */
export async function* addedByOne({ header, message }: WrittenCommit, patch: AsyncIterable<string>): AsyncGenerator<AddedText> {
  const indented = message.split('\n').map((line) => `    ${line}`)
  yield* readPatch(['commit', ...header.split('\n'), '', ...indented])
  yield* readPatch(patch)
}

/**
 * Reads `git log -p -c --format=raw` (git-diff-tree(1), "combined diff format"). Within a part every line begins with as many
 * signs as the commit has parents, at least one; outside it there are only headers, and the indented message.
 */
export async function* readPatch(lines: AsyncIterable<string> | Iterable<string>): AsyncGenerator<AddedText> {
  let name: string | null = null
  let signs = 0
  let number = 1
  let words = false
  let piece: string[] = []
  let chars = 0
  const taken = (): AddedText[] => {
    if (piece.length === 0) return []
    const text = Buffer.from(piece.join('\n'), 'latin1').toString()
    const line = number - piece.length
    piece = []
    chars = 0
    return [{ path: name, line, text }]
  }
  const add = (line: string): void => {
    piece.push(line)
    chars += line.length + 1
    number += 1
  }
  for await (const line of lines) {
    // Whoever writes a commit by himself may put anything into its header; an empty line ends it.
    words = words && line !== ''
    if (words) add(line)
    else if (signs > 0 && /^[+ \\-]/.test(line)) {
      const marks = line.slice(0, signs)
      if (marks.includes('+')) add(line.slice(signs))
      else if (!/[-\\]/.test(marks)) {
        yield* taken()
        number += 1
      }
    } else if (line.startsWith('    ')) {
      add(line.slice(4))
    } else {
      yield* taken()
      const part = /^(@@+) .*?\+(\d+)(?:,\d+)? @@/.exec(line)
      if (part !== null) [signs, number] = [(part[1]?.length ?? 2) - 1, Number(part[2])]
      else {
        signs = 0
        number = 1
        words = line.startsWith('commit')
        name = words ? null : (headerPath(line) ?? name)
        // The file's name is pushed as well.
        if (line.startsWith('diff ')) yield { path: null, line: 1, text: line }
      }
    }
    if (chars >= PIECE_CHARS) {
      const last = piece.at(-1)
      yield* taken()
      // What goes over two lines is not torn: the last one begins the next piece.
      if (last !== undefined && last.length < PIECE_CHARS) {
        number -= 1
        add(last)
      }
    }
  }
  yield* taken()
}

/** The file that the lines after it belong to. Git puts a tab behind a name with spaces, and quotes odd ones. */
function headerPath(line: string): string | null {
  const named = /^\+\+\+ "?b\/(.*?)"?\t?$/.exec(line)?.[1]
  return named === undefined ? null : Buffer.from(named, 'latin1').toString()
}
