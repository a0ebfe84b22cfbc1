/** A repository as large as those that make a runner slow, made by `git fast-import` in seconds: the same every time. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { execa } from 'execa'

export interface BigShape {
  files: number
  /** On `main`, after the first, which has all files; each changes one file. */
  commits: number
}

export const BIG: BigShape = { files: 40_000, commits: 50_000 }

const FIRST_COMMIT_S = 1_500_000_000
const COMMIT_EVERY_S = 600
/** Commits that are written to git at a time. */
const BATCH = 1_000

/** Where a file lies: 200 folders on two levels. */
export const bigPath = (file: number): string => `src/area-${file % 10}/part-${file % 200}/module-${file}.ts`

/** Makes the bare repository in `dir`, with `main`. */
export async function makeBigRepository(dir: string, { files, commits }: BigShape): Promise<void> {
  await execa('git', ['init', '-q', '--bare', '-b', 'main', dir])
  await execa('git', ['config', 'uploadpack.allowFilter', 'true'], { cwd: dir })
  await execa('git', ['config', 'uploadpack.allowAnySHA1InWant', 'true'], { cwd: dir })
  const git = spawn('git', ['fast-import', '--quiet', '--depth=10'], { cwd: dir, stdio: ['pipe', 'inherit', 'inherit'] })
  const ended = once(git, 'exit')
  for (let file = 0; file < files; file += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, files - file) }, (_, nth) => blob(file + nth))
    await write(batch.join(''))
  }
  await write(commit(0, Array.from({ length: files }, (_, file) => `M 100644 :${file + 1} ${bigPath(file)}\n`).join('')))
  for (let n = 1; n < commits; n += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, commits - n) }, (_, nth) => change(n + nth, files))
    await write(batch.join(''))
  }
  git.stdin.end()
  const [code] = await ended
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`)

  async function write(text: string): Promise<void> {
    if (!git.stdin.write(text)) await once(git.stdin, 'drain')
  }
}

function blob(file: number): string {
  const text = contentOf(file, 0)
  return `blob\nmark :${file + 1}\ndata ${text.length}\n${text}\n`
}

function commit(n: number, changes: string): string {
  const message = `Change ${n}`
  return `commit refs/heads/main\ncommitter Somebody <somebody@example.com> ${FIRST_COMMIT_S + n * COMMIT_EVERY_S} +0000\ndata ${message.length}\n${message}\n${changes}\n`
}

function change(n: number, files: number): string {
  const file = (n * 7_919) % files
  const text = contentOf(file, n)
  return commit(n, `M 100644 inline ${bigPath(file)}\ndata ${text.length}\n${text}\n`)
}

/** About 1 kB that looks like code; a commit changes one line of it. */
function contentOf(file: number, n: number): string {
  const lines = Array.from({ length: 12 + (file % 20) }, (_, line) => {
    const seed = (file * 7_919 + line * 104_729) % 1_000_003
    return `export const value${seed} = compute(${seed * 31}, 'item ${file}')`
  })
  return `// revision ${n}\n${lines.join('\n')}\n`
}
