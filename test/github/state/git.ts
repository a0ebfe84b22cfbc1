/** Git on the server's side: every command the local GitHub runs on its bare repositories. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launched, outputOf } from '../../support/launch.ts'
import { SERVER_GIT_ENV } from '../git-http.ts'
import { PRE_RECEIVE_HOOK } from '../git-push.ts'
import { type Entry, readLoose, readLooseCommit, readLooseTree, readRefs, setRef, writeObject, writeTrees } from './objects.ts'

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
  return outputOf('git', args, runOptions(dir, options))
}

/** The exit code and output of a command that may say no. */
export async function tryGit(dir: string, args: string[], options: RunOptions = {}): Promise<{ code: number; stdout: string }> {
  const { exitCode, stdout } = await launched('git', args, runOptions(dir, options))
  return { code: exitCode ?? 128, stdout: stdout.toString().replace(/\n$/, '') }
}

function runOptions(dir: string, options: RunOptions) {
  return {
    cwd: dir,
    env: { ...SERVER_GIT_ENV, GIT_DIR: dir, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C', ...options.env },
    ...(options.input === undefined ? {} : { input: options.input }),
  }
}

/** Makes what `git init --bare` makes, and the hook that holds the limits of a push. */
export async function initBare(dir: string, branch: string): Promise<void> {
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags', 'hooks', 'info']) {
    await mkdir(join(dir, folder), { recursive: true })
  }
  await writeFile(join(dir, 'HEAD'), `ref: refs/heads/${branch}\n`)
  await writeFile(join(dir, 'config'), '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n')
  const hook = join(dir, 'hooks', 'pre-receive')
  await writeFile(hook, PRE_RECEIVE_HOOK)
  await chmod(hook, 0o755)
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
  const refs = await readRefs(dir)
  return [...refs].flatMap(([ref, sha]) => (ref.startsWith(`${prefix}/`) ? [{ ref, sha }] : []))
}

/** The branches that stand at a commit, by their short names. */
export async function branchesAt(dir: string, sha: string): Promise<string[]> {
  const heads = await listRefs(dir, 'refs/heads')
  return heads.flatMap((head) => (head.sha === sha ? [head.ref.slice('refs/heads/'.length)] : []))
}

/** Moves a ref if it still is where `before` says. False if it is not. */
export async function updateRef(dir: string, ref: string, after: string, before: string): Promise<boolean> {
  if (after === NO_COMMIT) return (await tryGit(dir, ['update-ref', '-d', ref, before])).code === 0
  return setRef(dir, ref, after, before === NO_COMMIT ? null : before)
}

export async function isAncestor(dir: string, ancestor: string, of: string): Promise<boolean> {
  const known = await reachable(dir, of)
  return known?.has(ancestor) ?? (await tryGit(dir, ['merge-base', '--is-ancestor', ancestor, of])).code === 0
}

export async function mergeBase(dir: string, a: string, b: string): Promise<string | null> {
  const [ofA, ofB] = [await reachable(dir, a), await reachable(dir, b)]
  if (ofA === null || ofB === null) {
    const { code, stdout } = await tryGit(dir, ['merge-base', a, b])
    return code === 0 ? stdout : null
  }
  const common = new Map([...ofA].filter(([id]) => ofB.has(id)))
  const older = new Set([...common.values()].flat())
  // Parents of a common commit are common too: the best is whichever is nobody's parent.
  return [...common.keys()].find((id) => !older.has(id)) ?? null
}

/** Shas from `from` (excluded) to `to`, oldest first. */
export async function listCommits(dir: string, from: string | null, to: string): Promise<string[]> {
  const [ofTo, ofFrom] = [await reachable(dir, to), from === null ? new Map() : await reachable(dir, from)]
  if (ofTo !== null && ofFrom !== null) return [...ofTo.keys()].filter((id) => !ofFrom.has(id))
  return lines(await git(dir, ['rev-list', '--reverse', '--topo-order', to, ...(from === null ? [] : [`^${from}`])]))
}

/** Most commits that are read as files before git is asked. */
const MOST_READ = 300

/** A commit and all before it with their parents, parents first; null where git has to be asked. */
async function reachable(dir: string, commit: string): Promise<Map<string, string[]> | null> {
  const found = new Map<string, string[]>()
  const open: { id: string; parents: string[] | null }[] = [{ id: commit, parents: null }]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { id, parents } = at
    if (parents !== null) found.set(id, parents)
    if (parents !== null || found.has(id)) continue
    const text = found.size > MOST_READ ? null : await readLooseCommit(dir, id)
    if (text === null) return null
    const before = parseCommit(id, text).parents
    // It comes after its parents, the first of them before the others.
    open.push({ id, parents: before }, ...before.toReversed().map((parent) => ({ id: parent, parents: null })))
  }
  return found
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

export async function commitTree(dir: string, { tree, parents, message, author, ...more }: NewCommit): Promise<string> {
  const date = `${more.date ?? Math.floor(Date.now() / 1_000)} +0000`
  const by = ({ name, email }: Identity) => `${name} <${email}> ${date}`
  const lines = [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${by(author)}`,
    `committer ${by(more.committer ?? author)}`,
  ]
  return writeObject(dir, 'commit', Buffer.from(`${lines.join('\n')}\n\n${message.replace(/\n?$/, '\n')}`))
}

/** A tree that is the parent's with these files written over it. */
export async function writeTree(dir: string, parent: string | null, files: Files): Promise<string> {
  const entries = new Map<string, Entry>()
  const listed = parent === null ? '' : await git(dir, ['ls-tree', '-r', '-z', '--full-tree', parent])
  for (const line of listed.split('\0')) {
    const [, mode, sha, path] = /^(\d+) \w+ ([0-9a-f]{40})\t(.+)$/s.exec(line) ?? []
    if (mode !== undefined && sha !== undefined && path !== undefined) entries.set(path, { mode, sha })
  }
  for (const [path, file] of Object.entries(files)) {
    if (file === null) {
      entries.delete(path)
      continue
    }
    const { content, mode = '100644' } = typeof file === 'string' ? { content: file } : file
    entries.set(path, { mode, sha: await writeObject(dir, 'blob', Buffer.from(content)) })
  }
  return writeTrees(dir, entries)
}

/** Replays the commits of `head` on `onto`; null if they conflict. */
export async function rebase(dir: string, onto: string, head: string, committer: Identity): Promise<string | null> {
  const scratch = await mkdtemp(join(tmpdir(), 'local-github-rebase-'))
  const work = join(scratch, 'work')
  const here = { GIT_DIR: join(work, '.git'), GIT_COMMITTER_NAME: committer.name, GIT_COMMITTER_EMAIL: committer.email }
  try {
    await outputOf('git', ['clone', '--quiet', '--shared', '--no-checkout', dir, work], { env: SERVER_GIT_ENV })
    const run = (args: string[]) => launched('git', args, { cwd: work, env: { ...SERVER_GIT_ENV, ...here } })
    await run(['checkout', '--quiet', '--detach', head])
    if ((await run(['rebase', '--quiet', onto])).exitCode !== 0) return null
    const { stdout } = await run(['rev-parse', 'HEAD'])
    await git(dir, ['fetch', '--quiet', work, 'HEAD'])
    return stdout.toString().trim()
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
  return parseCommit(sha, (await readLooseCommit(dir, sha)) ?? (await git(dir, ['cat-file', 'commit', sha])))
}

function parseCommit(sha: string, text: string): CommitInfo {
  const end = text.indexOf('\n\n')
  const header = text.slice(0, end).split('\n')
  const all = (name: string) => header.flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []))
  const person = (name: string) => {
    const [, who = '', email = '', seconds = '0'] = /^(.*?) ?<(.*)> (\d+) [-+]\d{4}$/.exec(all(name)[0] ?? '') ?? []
    return { name: who, email, date: new Date(Number(seconds) * 1_000).toISOString().replace('.000Z', 'Z') }
  }
  return {
    sha,
    tree: all('tree')[0] ?? '',
    parents: all('parent'),
    author: person('author'),
    committer: person('committer'),
    message: text.slice(end + 2).trimEnd(),
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
  return (await listLoose(dir, commit, path)) ?? listByGit(dir, commit, path)
}

async function listByGit(dir: string, commit: string, path: string): Promise<TreeEntry[]> {
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

/** The same from files of their own; null where git has to be asked. */
async function listLoose(dir: string, commit: string, path: string): Promise<TreeEntry[] | null> {
  const text = SHA.test(commit) ? await readLooseCommit(dir, commit) : null
  if (text === null) return null
  const names = path.split('/')
  const last = names.pop() ?? ''
  let tree = await readLooseTree(dir, parseCommit(commit, text).tree)
  for (const name of names) {
    const entry = tree?.get(name)
    if (tree === null) return null
    if (entry?.mode !== '040000') return []
    tree = await readLooseTree(dir, entry.sha)
  }
  if (tree === null) return null
  const listed: TreeEntry[] = []
  for (const [name, { mode, sha }] of tree) {
    if (last !== '' && name !== last) continue
    const type = mode === '040000' ? 'tree' : mode === '160000' ? 'commit' : 'blob'
    const blob = type === 'blob' ? await readLoose(dir, sha) : null
    if (type === 'blob' && blob === null) return null
    listed.push({ mode, type, sha, size: blob?.body.length ?? null, path: [...names, name].join('/') })
  }
  return listed
}

export async function readBlob(dir: string, sha: string): Promise<Buffer> {
  const loose = await readLoose(dir, sha)
  if (loose?.type === 'blob') return loose.body
  const { exitCode, stdout } = await launched('git', ['cat-file', 'blob', sha], runOptions(dir, {}))
  if (exitCode !== 0) throw new Error(`there is no blob ${sha}`)
  return stdout
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
  if (from === to) return []
  const out = await git(dir, ['diff', '-M', '-z', '--raw', '-p', '--no-abbrev', from, to])
  // An empty field stands between the listing and the patches.
  const between = out.indexOf('\0\0')
  const raw = out.slice(0, between < 0 ? out.length : between).split('\0')
  const patches = (between < 0 ? '' : out.slice(between + 2)).split(/^diff --git .*$/m).slice(1)
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
