import { SwitchyardError } from '../contract/failure.ts'
import type { HeadSha, LegKey } from '../contract/ids.ts'
import type { EffectHandler } from '../engine/effects.ts'
import { listCheckRuns, listStatuses } from '../github/check-listing.ts'
import { deploymentStanding, listDeployments } from '../github/deployments.ts'
import { newestRuns } from '../github/newest-runs.ts'
import { type Octokit, type Repository, repositoryOf } from '../github/octokit.ts'
import { getPull } from '../github/pull-requests.ts'
import type { CheckSeen, Signal } from '../pipeline/events.ts'
import type { Run } from '../pipeline/model.ts'
import { legOf } from '../pipeline/state.ts'
import type { GitHubEffects } from './dependencies.ts'
import type { Probe } from './probe.ts'

/** What looking at a release needs besides GitHub. */
export interface ReleaseDependencies extends GitHubEffects {
  probe: Probe
}

/** A commit that a leg's merge made on the base branch. */
interface Merged {
  name: string
  repository: Repository
  sha: HeadSha
}

/**
 * Looks at a release (GATE-8): the newest deployment of each merge commit to the environment, the chosen checks on these
 * commits, and one request to the probe's address. What has not shown itself yet is pending; changes nothing.
 */
export function askRelease(dependencies: ReleaseDependencies): EffectHandler<'ask-release'> {
  const { github, redactor, probe } = dependencies
  return async (effect, run) => {
    const octokit = await github.installation(run.task.installationId)
    const { environment, checks, probe: address } = effect
    const wanted = effect.legs.map(async (leg): Promise<Signal[]> => {
      if (environment === null && checks.length === 0) return []
      const merged = await mergeOf(octokit, run, leg)
      const deployed = environment === null ? [] : [await deployment(octokit, merged, environment)]
      return checks.length === 0 ? deployed : [...deployed, ...(await chosenChecks(octokit, merged, checks))]
    })
    const [signals, answer] = await Promise.all([Promise.all(wanted), address === null ? [] : probed(probe, address)])
    const said = [...signals.flat(), ...answer].map((signal) => ({
      ...signal,
      detail: redactor.redact(signal.detail).slice(0, 2_000),
    }))
    return { type: 'release.reported', effect: effect.id, signals: said }
  }
}

async function mergeOf(octokit: Octokit, run: Run, key: LegKey): Promise<Merged> {
  const { repository: name, pull } = legOf(run, key)
  const repository = repositoryOf(name)
  const known = pull?.mergeSha ?? (pull === null ? null : await getPull(octokit, repository, pull.number))?.pull.mergeSha
  if (known) return { name, repository, sha: known }
  throw new SwitchyardError({ cause: 'api', message: `GitHub does not say which commit the merge in ${name} made.` })
}

/** One that was taken down or replaced says nothing of the release any more. */
const OF_DEPLOYMENT = { pending: 'pending', success: 'good', failure: 'bad', inactive: 'pending' } as const

async function deployment(octokit: Octokit, { name, repository, sha }: Merged, environment: string): Promise<Signal> {
  const what = { source: 'deployment', name: `${environment} of ${name}` } as const
  const [newest] = await listDeployments(octokit, repository, { sha, environment })
  if (newest === undefined) return { ...what, state: 'pending', detail: 'no deployment yet' }
  const { state, description } = await deploymentStanding(octokit, repository, newest.id)
  return { ...what, state: OF_DEPLOYMENT[state], detail: description === '' ? state : `${state}: ${description}` }
}

async function chosenChecks(octokit: Octokit, { name, repository, sha }: Merged, wanted: readonly string[]): Promise<Signal[]> {
  const [runs, statuses] = await Promise.all([listCheckRuns(octokit, repository, sha), listStatuses(octokit, repository, sha)])
  const seen = [
    ...newestRuns(runs).map(({ name: check, conclusion }) => ({ check, conclusion })),
    ...statuses.map(({ context, conclusion }) => ({ check: context, conclusion })),
  ]
  return wanted.map((check) => {
    const what = { source: 'check', name: `${check} of ${name}` } as const
    // Two Apps may use one name: the worst of them counts.
    const found = seen
      .filter((each) => each.check === check)
      .map(({ conclusion }) => ({ conclusion, state: stateOf(conclusion) }))
    const worst = found.find(({ state }) => state === 'bad') ?? found.find(({ state }) => state === 'pending') ?? found[0]
    return worst === undefined
      ? { ...what, state: 'pending', detail: 'has not appeared yet' }
      : { ...what, state: worst.state, detail: worst.conclusion }
  })
}

function stateOf(conclusion: CheckSeen['conclusion']): Signal['state'] {
  switch (conclusion) {
    case 'success':
    case 'neutral':
    case 'skipped':
      return 'good'
    case 'pending':
      return 'pending'
    case 'failure':
    case 'cancelled':
    case 'timed_out':
    case 'action_required':
    case 'stale':
      return 'bad'
  }
}

/** What was not asked says nothing of the release: it stays without data. */
async function probed(probe: Probe, address: string): Promise<Signal[]> {
  const { state, detail } = await probe(address)
  return [{ source: 'probe', name: new URL(address).host, state: state === 'unasked' ? 'pending' : state, detail }]
}
