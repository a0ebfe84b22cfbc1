import { createHash } from 'node:crypto'
import type { Peer } from '../../config/settings.ts'
import { LegKey, type RunId } from '../../contract/ids.ts'
import type { Octokit } from '../../github/octokit.ts'
import { repositoryOf } from '../../github/octokit.ts'
import { installationOn, type RepositoryInfo, repositoryByName } from '../../github/repositories.ts'
import type { NewRun } from '../../pipeline/new-run.ts'

/** Longest part of a title that goes into a branch name, in characters. */
const SLUG_MAX = 40

type NewLeg = NewRun['legs'][number]

/** The legs of a run, or what keeps them from being made: a sentence and what to do. */
export type Legs = { ok: true; legs: NewLeg[] } | { ok: false; why: string; remedy: string }

/** With what repositories are looked up. */
export interface Lookup {
  /** The App's own client: says where the App is installed. */
  app: Octokit
  /** The installation's client. */
  octokit: Octokit
  installationId: number
}

/** Finds the run's repositories: its own, and the peers of its configuration, all under this installation (RUN-2). */
export async function findLegs(
  lookup: Lookup,
  primary: RepositoryInfo,
  peers: readonly Peer[],
  workBranch: string,
): Promise<Legs> {
  const found = await Promise.all(peers.map(async (peer) => ({ peer, info: await findPeer(lookup, peer) })))
  const missing = found.filter(({ info }) => info === null).map(({ peer }) => peer.repository)
  if (missing.length > 0) {
    return {
      ok: false,
      why: `Switchyard is not installed on ${missing.join(', ')}, or there is no such repository`,
      remedy:
        'Install the App there (the settings of the App, *Repository access*), or take it out of `peers` in `.github/switchyard.yml`.',
    }
  }
  const archived = [primary, ...found.map(({ info }) => info)].find((info) => info?.archived)
  if (archived !== undefined && archived !== null) {
    return {
      ok: false,
      why: `${archived.fullName} is archived, so nothing can be pushed there`,
      remedy: 'Unarchive it, or take it out of `peers`.',
    }
  }
  const others = found.flatMap(({ peer, info }) =>
    info === null || info.id === primary.id ? [] : [legOf(info, peer, workBranch)],
  )
  return { ok: true, legs: distinct([legOf(primary, { role: 'primary', access: 'write' }, workBranch), ...others]) }
}

/** A public repository can be read without being installed on, so that its name is found says nothing. */
async function findPeer({ app, octokit, installationId }: Lookup, peer: Peer): Promise<RepositoryInfo | null> {
  const repository = repositoryOf(peer.repository)
  const installation = await installationOn(app, repository)
  return installation?.id === installationId ? repositoryByName(octokit, repository) : null
}

function legOf(
  info: RepositoryInfo,
  as: { role: NewLeg['role']; access: NewLeg['access']; directory?: string },
  workBranch: string,
): NewLeg {
  const leg: NewLeg = {
    key: LegKey.parse(info.fullName.replace('/', '__')),
    repositoryId: info.id,
    repository: info.fullName,
    cloneUrl: info.cloneUrl,
    role: as.role,
    access: as.access,
    baseBranch: info.defaultBranch,
    workBranch,
  }
  if (as.directory !== undefined) leg.directory = as.directory
  return leg
}

/** Keys are folder names too: two that differ only in case, or by where the `__` stands, get a digest. */
function distinct(legs: NewLeg[]): NewLeg[] {
  const seen = new Set<string>()
  return legs.map((leg) => {
    const folded = leg.key.toLowerCase()
    if (!seen.has(folded)) {
      seen.add(folded)
      return leg
    }
    const digest = createHash('sha256').update(leg.repository).digest('hex').slice(0, 8)
    return { ...leg, key: LegKey.parse(`${leg.key}-${digest}`) }
  })
}

/** The one branch name of a run, the same in all repositories: `switchyard/42-add-a-discount-k3f9`. */
export function workBranchName(run: RunId, number: number, title: string): string {
  const slug = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, SLUG_MAX)
    .replace(/-+$/, '')
  return ['switchyard/', number, slug === '' ? '' : `-${slug}`, `-${run}`].join('')
}
