/** Git on the server's side: every command the local GitHub runs on its bare repositories. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { POST_RECEIVE_HOOK, PRE_RECEIVE_HOOK, SERVER_GIT_ENV } from '../git-http.ts'

export const NO_COMMIT = '0'.repeat(40)

export interface Identity {
  name: string
  email: string
}

export interface FileContent {
  content: string | Buffer
  mode?: '100644' | '100755' | '120000'
}
/** Null deletes the path. */
export type Files = Record<string, string | FileContent | null>

interface RunOptions {
  input?: string | Buffer
  env?: Record<string, string>
}

export async function git(dir: string, args: string[], options: RunOptions = {}): Promise<string> {
  const { stdout } = await execa('git', args, runOptions(dir, options))
  return stdout
}

async function gitBytes(dir: string, args: string[]): Promise<Buffer> {
  const { stdout } = await execa('git', args, { ...runOptions(dir, {}), encoding: 'buffer' as const })
  return Buffer.from(stdout)
}

/** The exit code and output of a command that may say no. */
export async function tryGit(dir: string, args: string[], options: RunOptions = {}): Promise<{ code: number; stdout: string }> {
  const result = await execa('git', args, { ...runOptions(dir, options), reject: false })
  return { code: result.exitCode ?? 128, stdout: result.stdout }
}

function runOptions(dir: string, options: RunOptions) {
  return {
    cwd: dir,
    env: { ...SERVER_GIT_ENV, GIT_DIR: dir, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C', ...options.env },
    stripFinalNewline: true,
    ...(options.input === undefined ? {} : { input: options.input }),
  }
}

export async function initBare(dir: string, branch: string): Promise<void> {
  await mkdir(dirname(dir), { recursive: true })
  await execa('git', ['init', '--quiet', '--bare', '-b', branch, dir], { env: SERVER_GIT_ENV })
  await mkdir(join(dir, 'hooks'), { recursive: true })
  for (const [name, script] of [
    ['pre-receive', PRE_RECEIVE_HOOK],
    ['post-receive', POST_RECEIVE_HOOK],
  ] as const) {
    await writeFile(join(dir, 'hooks', name), script)
    await chmod(join(dir, 'hooks', name), 0o755)
  }
}

const SHA = /^[0-9a-f]{40}$/
/** A branch's full name in which nothing can lead out of the folder of refs. */
const BRANCH_REF = /^refs\/heads\/(?!.*\.\.)[\w./-]+$/

/** The commit a name stands for, or null. */
export async function resolveCommit(dir: string, name: string): Promise<string | null> {
  // Starting a process is by far the dearest thing here, and this is asked most: a loose branch is a file with its commit.
  const loose = BRANCH_REF.test(name) ? await readFile(join(dir, name), 'utf8').catch(() => '') : ''
  if (SHA.test(loose.trim())) return loose.trim()
  const { code, stdout } = await tryGit(dir, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`])
  return code === 0 ? stdout : null
}

/** The commit of a branch, tag or sha, as the REST API's `ref` means it. */
export async function resolveRef(dir: string, ref: string): Promise<string | null> {
  if (SHA.test(ref)) return resolveCommit(dir, ref)
  for (const name of [`refs/heads/${ref}`, `refs/tags/${ref}`, `refs/${ref}`, ref]) {
    const sha = await resolveCommit(dir, name)
    if (sha !== null) return sha
  }
  return null
}

export async function listRefs(dir: string, prefix: string): Promise<{ ref: string; sha: string }[]> {
  const out = await git(dir, ['for-each-ref', '--format=%(objectname) %(refname)', prefix])
  return lines(out).map((line) => ({ sha: line.slice(0, 40), ref: line.slice(41) }))
}

/** Moves a ref if it still is where `before` says. False if it is not. */
export async function updateRef(dir: string, ref: string, after: string, before: string): Promise<boolean> {
  const args = after === NO_COMMIT ? ['update-ref', '-d', ref, before] : ['update-ref', ref, after, before]
  return (await tryGit(dir, args)).code === 0
}

export async function isAncestor(dir: string, ancestor: string, of: string): Promise<boolean> {
  return (await tryGit(dir, ['merge-base', '--is-ancestor', ancestor, of])).code === 0
}

export async function mergeBase(dir: string, a: string, b: string): Promise<string | null> {
  const { code, stdout } = await tryGit(dir, ['merge-base', a, b])
  return code === 0 ? stdout : null
}

/** Shas from `from` (excluded) to `to`, oldest first. */
export async function listCommits(dir: string, from: string | null, to: string): Promise<string[]> {
  return lines(await git(dir, ['rev-list', '--reverse', '--topo-order', to, ...(from === null ? [] : [`^${from}`])]))
}

/** The tree of merging two commits, or null if they conflict. */
export async function mergeTree(dir: string, ours: string, theirs: string): Promise<string | null> {
  const { code, stdout } = await tryGit(dir, ['merge-tree', '--write-tree', ours, theirs])
  return code === 0 ? (lines(stdout)[0] ?? null) : null
}

export interface NewCommit {
  tree: string
  parents: string[]
  message: string
  author: Identity
  committer?: Identity
  /** Seconds since the epoch; git's own clock without it. */
  date?: number
}

export async function commitTree(dir: string, commit: NewCommit): Promise<string> {
  const committer = commit.committer ?? commit.author
  const date =
    commit.date === undefined ? {} : { GIT_AUTHOR_DATE: `${commit.date} +0000`, GIT_COMMITTER_DATE: `${commit.date} +0000` }
  return git(dir, ['commit-tree', commit.tree, ...commit.parents.flatMap((parent) => ['-p', parent]), '-F', '-'], {
    input: commit.message,
    env: {
      GIT_AUTHOR_NAME: commit.author.name,
      GIT_AUTHOR_EMAIL: commit.author.email,
      GIT_COMMITTER_NAME: committer.name,
      GIT_COMMITTER_EMAIL: committer.email,
      ...date,
    },
  })
}

/** A tree that is the parent's with these files written over it. */
export async function writeTree(dir: string, parent: string | null, files: Files): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), 'local-github-index-'))
  const env = { GIT_INDEX_FILE: join(scratch, 'index') }
  try {
    if (parent !== null) await git(dir, ['read-tree', parent], { env })
    const entries: string[] = []
    for (const [path, file] of Object.entries(files)) {
      if (file === null) {
        entries.push(`0 ${NO_COMMIT}\t${path}`)
        continue
      }
      const { content, mode = '100644' } = typeof file === 'string' ? { content: file } : file
      const blob = await git(dir, ['hash-object', '-w', '--stdin'], { input: content })
      entries.push(`${mode} ${blob}\t${path}`)
    }
    await git(dir, ['update-index', '--index-info'], { env, input: `${entries.join('\n')}\n` })
    return await git(dir, ['write-tree'], { env })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Replays the commits of `head` on `onto`; null if they conflict. */
export async function rebase(dir: string, onto: string, head: string, committer: Identity): Promise<string | null> {
  const scratch = await mkdtemp(join(tmpdir(), 'local-github-rebase-'))
  const work = join(scratch, 'work')
  const here = { GIT_DIR: join(work, '.git'), GIT_COMMITTER_NAME: committer.name, GIT_COMMITTER_EMAIL: committer.email }
  try {
    await execa('git', ['clone', '--quiet', '--shared', '--no-checkout', dir, work], { env: SERVER_GIT_ENV })
    const run = (args: string[]) => execa('git', args, { cwd: work, env: { ...SERVER_GIT_ENV, ...here }, reject: false })
    await run(['checkout', '--quiet', '--detach', head])
    if ((await run(['rebase', '--quiet', onto])).exitCode !== 0) return null
    const { stdout } = await run(['rev-parse', 'HEAD'])
    await git(dir, ['fetch', '--quiet', work, 'HEAD'])
    return stdout
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

export interface CommitInfo {
  sha: string
  tree: string
  parents: string[]
  author: Identity & { date: string }
  committer: Identity & { date: string }
  message: string
}

export async function readCommit(dir: string, sha: string): Promise<CommitInfo> {
  const format = ['%H', '%T', '%P', '%an', '%ae', '%aI', '%cn', '%ce', '%cI', '%B'].join('%x00')
  const out = await git(dir, ['log', '-1', `--format=${format}`, sha])
  const [id = '', tree = '', parents = '', an = '', ae = '', ad = '', cn = '', ce = '', cd = '', ...message] = out.split('\0')
  const utc = (date: string) => new Date(date).toISOString().replace('.000Z', 'Z')
  return {
    sha: id,
    tree,
    parents: parents === '' ? [] : parents.split(' '),
    author: { name: an, email: ae, date: utc(ad) },
    committer: { name: cn, email: ce, date: utc(cd) },
    message: message.join('\0').trimEnd(),
  }
}

export interface TreeEntry {
  mode: string
  type: 'blob' | 'tree' | 'commit'
  sha: string
  size: number | null
  path: string
}

/** The entry at a path, or the entries of a folder when the path ends with a slash; '' is the root. */
export async function listTree(dir: string, commit: string, path: string): Promise<TreeEntry[]> {
  const out = await git(dir, ['ls-tree', '-l', '-z', commit, ...(path === '' ? [] : ['--', path])])
  return out
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const tab = entry.indexOf('\t')
      const [mode = '', type = '', sha = '', size = '-'] = entry.slice(0, tab).split(/ +/)
      return {
        mode,
        type: type as TreeEntry['type'],
        sha,
        size: size === '-' ? null : Number(size),
        path: entry.slice(tab + 1),
      }
    })
}

export async function readBlob(dir: string, sha: string): Promise<Buffer> {
  return gitBytes(dir, ['cat-file', 'blob', sha])
}

export interface FileChange {
  path: string
  previousPath: string | null
  status: 'added' | 'removed' | 'modified' | 'renamed'
  sha: string
  additions: number
  deletions: number
  patch: string
}

/** What changed between two commits; renames are found. */
export async function diffFiles(dir: string, from: string, to: string): Promise<FileChange[]> {
  const raw = (await git(dir, ['diff', '-M', '-z', '--raw', '--no-abbrev', from, to])).split('\0')
  const patches = (await git(dir, ['diff', '-M', from, to])).split(/^diff --git .*$/m).slice(1)
  const changes: FileChange[] = []
  for (let index = 0; index < raw.length; ) {
    const head = raw[index++] ?? ''
    if (head === '') continue
    const [, , oldSha = '', newSha = '', letter = 'M'] = head.split(' ')
    const first = raw[index++] ?? ''
    const renamed = letter.startsWith('R')
    const path = renamed ? (raw[index++] ?? '') : first
    const status = renamed ? 'renamed' : letter === 'A' ? 'added' : letter === 'D' ? 'removed' : 'modified'
    // Both listings are in the same order.
    const patch = hunksOf(patches[changes.length] ?? '')
    const changed = lines(patch)
    changes.push({
      path,
      previousPath: renamed ? first : null,
      status,
      sha: status === 'removed' ? oldSha : newSha,
      additions: changed.filter((line) => line.startsWith('+')).length,
      deletions: changed.filter((line) => line.startsWith('-')).length,
      patch,
    })
  }
  return changes
}

function hunksOf(patch: string): string {
  const start = patch.indexOf('\n@@')
  return start < 0 ? '' : patch.slice(start + 1).trimEnd()
}

export function lines(text: string): string[] {
  return text === '' ? [] : text.split('\n').filter((line) => line !== '')
}
