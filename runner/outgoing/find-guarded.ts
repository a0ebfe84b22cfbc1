/**
 * The guarded part of a commit, looked at before every push: protected paths, what manifests newly say, credentials. What
 * was on the work branch when the job began is not the job's; it is judged before the merge.
 */
import { createHash } from 'node:crypto'
import { ALWAYS_PROTECTED, type Guarded, namedFindings, type Protection, pathMatcher } from '../../src/contract/protection.ts'
import type { Redactor } from '../../src/contract/redact.ts'
import { GitError } from '../git/git-error.ts'
import { isThere, type RawChange, rawChanges, textOf } from '../git/raw-changes.ts'
import type { Git } from '../git/run-git.ts'
import { secretsOfCommits } from './find-secrets.ts'
import type { Found } from './found.ts'
import { isManifest, type ManifestChange, manifestChanges } from './manifests.ts'

/** Longest path that a finding names, in characters. */
const PATH_MAX = 4_000

/** What is compared. */
export interface Outgoing {
  readonly repositoryId: number
  readonly gitDir: string
  readonly commit: string
  /** What differs from the commit that its changes are counted against. */
  readonly changes: readonly RawChange[]
  /** The credentials that it would bring, where they were looked for already; else null. */
  readonly secrets: readonly Found[] | null
  /** The tips that the remote has: nothing of their history is new. */
  readonly baseTip: string
  readonly remoteHead: string | null
}

interface Deps {
  readonly git: Git
  readonly redactor: Pick<Redactor, 'holds'>
}

/** What nobody has let through yet, or null. Throws `GitError`. */
export async function findGuarded(deps: Deps, outgoing: Outgoing, protection: Protection): Promise<Guarded | null> {
  const { gitDir, commit, baseTip, remoteHead, repositoryId } = outgoing
  const own = await ownChanges(deps.git, outgoing)
  const isProtected = pathMatcher([...new Set([...ALWAYS_PROTECTED, ...protection.paths])])
  const touched = own.filter(({ path }) => isProtected(path)).map(touchedPath)
  const manifests = protection.manifests ? await manifestsAmong(deps.git, gitDir, own) : []
  const known = remoteHead === null ? [baseTip] : [baseTip, remoteHead]
  const secrets = outgoing.secrets ?? (await secretsOfCommits(deps, gitDir, commit, known))
  const all = [...secrets, ...touched, ...manifests]
  if (all.length === 0) return null
  const hash = hashOf(repositoryId, all)
  const never = all.some(({ finding }) => finding.kind === 'own-secret')
  if (!never && protection.allowed.includes(hash)) return null
  return { hash: never ? null : hash, ...namedFindings(all.map(({ finding }) => finding)) }
}

/** Changes over the base that are changes over the branch as well. */
async function ownChanges(git: Git, { gitDir, changes, commit, remoteHead }: Outgoing): Promise<readonly RawChange[]> {
  if (remoteHead === null || changes.length === 0) return changes
  const since = new Set((await rawChanges(git, gitDir, remoteHead, commit)).map(({ path }) => path))
  return changes.filter(({ path }) => since.has(path))
}

function touchedPath({ path, before, after }: RawChange): Found {
  const what = !isThere(after) ? 'deleted' : isThere(before) ? 'changed' : 'added'
  const finding = { kind: 'protected' as const, path: path.slice(0, PATH_MAX), what }
  return { finding, content: JSON.stringify(['protected', path, after.mode, after.id]) }
}

async function manifestsAmong(git: Git, gitDir: string, changes: readonly RawChange[]): Promise<Found[]> {
  const manifests = changes.filter(({ path }) => isManifest(path))
  const found = await Promise.all(
    manifests.map(async (change) =>
      (await changesOf(git, gitDir, change)).map(({ what, exactly }): Found => {
        const finding = { kind: 'manifest' as const, path: change.path.slice(0, PATH_MAX), what: what.slice(0, 300) }
        return { finding, content: JSON.stringify(['manifest', change.path, exactly]) }
      }),
    ),
  )
  return found.flat()
}

async function changesOf(git: Git, gitDir: string, { path, before, after }: RawChange): Promise<ManifestChange[]> {
  try {
    const [old, now] = await Promise.all([textOf(git, gitDir, before), textOf(git, gitDir, after)])
    if (now === null && after.id !== before.id && isThere(after)) return [{ what: 'is no file any more', exactly: after.id }]
    return manifestChanges(path, old, now)
  } catch (error) {
    if (!(error instanceof GitError) || error.kind !== 'too-much-output') throw error
    return [{ what: 'is too large to be looked into', exactly: after.id }]
  }
}

function hashOf(repositoryId: number, all: readonly Found[]): string {
  const contents = [...new Set(all.map(({ content }) => content))].toSorted()
  return createHash('sha256')
    .update(JSON.stringify([repositoryId, contents]))
    .digest('hex')
}
