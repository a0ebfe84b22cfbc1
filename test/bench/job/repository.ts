/** Repositories of a given size, made by `git fast-import`: the same every time. */
import { execa } from 'execa'

export interface RepositoryShape {
  name: string
  files: number
  /** On `main`; each changes three files. */
  commits: number
}

/** Between two commits, in seconds. */
const COMMIT_EVERY_S = 600
const FIRST_COMMIT_S = 1_700_000_000
const CHANGES_PER_COMMIT = 3
const WORDS = ['price', 'item', 'total', 'user', 'order', 'list', 'render', 'fetch', 'store', 'tax', 'name', 'count', 'index']

/** Makes the bare repository in `dir`. */
export async function makeRepository(dir: string, shape: RepositoryShape): Promise<void> {
  await execa('git', ['init', '-q', '--bare', '-b', 'main', dir])
  const all = Array.from({ length: shape.files }, (_, file) => file)
  const script = [commit(0, all)]
  for (let n = 1; n < shape.commits; n += 1) script.push(commit(n, changesOf(n, shape.files)))
  await execa('git', ['fast-import', '--quiet'], { cwd: dir, input: script.join('') })
}

/** One more commit on `main`, as somebody else would have pushed it. */
export async function advance(dir: string, { files, commits }: RepositoryShape, nth: number): Promise<void> {
  const n = commits + nth
  const script = commit(n, changesOf(n, files), (await execa('git', ['rev-parse', 'main'], { cwd: dir })).stdout)
  await execa('git', ['fast-import', '--quiet', '--force'], { cwd: dir, input: script })
}

/** The file that every agent and every floor edits. */
export const EDITED = pathOf(0)

function pathOf(file: number): string {
  return `src/part-${file % 23}/module-${file}.js`
}

function changesOf(n: number, files: number): number[] {
  return Array.from({ length: CHANGES_PER_COMMIT }, (_, change) => (n * 31 + change * 7) % files)
}

function commit(n: number, files: readonly number[], parent?: string): string {
  const message = `Change ${n}`
  const head = [
    'commit refs/heads/main',
    `committer Somebody <somebody@example.com> ${FIRST_COMMIT_S + n * COMMIT_EVERY_S} +0000`,
    `data ${message.length}`,
    message,
    ...(parent === undefined ? [] : [`from ${parent}`]),
  ]
  const changes = files.map((file) => {
    const text = contentOf(file, n)
    return `M 100644 inline ${pathOf(file)}\ndata ${text.length}\n${text}\n`
  })
  return `${head.join('\n')}\n${changes.join('')}\n`
}

/** 1 to 4 kB of what looks like code, other for each file and commit. */
function contentOf(file: number, n: number): string {
  const lines = 20 + ((file * 37) % 80)
  const word = (seed: number) => WORDS[seed % WORDS.length] ?? 'x'
  return Array.from({ length: lines }, (_, line) => {
    const seed = file * 7_919 + line * 104_729 + n
    return `export const ${word(seed)}${seed % 997} = ${word(seed >> 3)}(${seed})`
  }).join('\n')
}
