import { z } from 'zod'
import { HeadSha } from '../contract/ids.ts'
import { ask } from './errors.ts'
import { fullNameOf, type Octokit, PAGE_SIZE, type Repository } from './octokit.ts'

/** Longest description of a deployment that is kept, in characters. */
const DESCRIPTION_MAX = 1_000

/** A deployment as GitHub lists it. */
export interface Deployment {
  id: number
  environment: string
  /** The account that created it; null when it is gone. */
  creatorId: number | null
  /** What whoever created it put in. */
  payload: unknown
}

/** How a deployment stands: its newest status. */
export interface DeploymentStanding {
  /** `pending` is anything that has not ended, also where nobody has said anything yet. */
  state: 'pending' | 'success' | 'failure' | 'inactive'
  /** Where it can be looked at; null where nobody said so. */
  url: string | null
  description: string
}

const Listed = z.object({
  id: z.number(),
  sha: HeadSha,
  environment: z.string(),
  payload: z.unknown(),
  creator: z.object({ id: z.number() }).nullish(),
})

const Status = z.object({
  id: z.number(),
  state: z.string(),
  description: z.string().nullish(),
  environment_url: z.string().nullish(),
})
type Status = z.infer<typeof Status>

function deploymentOf(data: unknown): Deployment {
  const { id, environment, payload, creator } = Listed.parse(data)
  return { id, environment, payload, creatorId: creator?.id ?? null }
}

/**
 * Every deployment of exactly this commit to this environment, whoever created it, newest first.
 *
 * @see https://docs.github.com/en/rest/deployments/deployments#list-deployments
 */
export async function listDeployments(
  octokit: Octokit,
  repository: Repository,
  of: { sha: HeadSha; environment: string },
): Promise<Deployment[]> {
  return ask(`list the deployments of ${fullNameOf(repository)}@${of.sha}`, async () => {
    const all = await octokit.paginate(octokit.rest.repos.listDeployments, { ...repository, ...of, per_page: PAGE_SIZE })
    return all
      .filter((each) => each.sha === of.sha)
      .map(deploymentOf)
      .sort((a, b) => b.id - a.id)
  })
}

/**
 * Asks for a deployment of exactly this commit. GitHub merges nothing into it and waits for no check: the pipeline has
 * steps for that. Look with {@link listDeployments} first.
 *
 * @see https://docs.github.com/en/rest/deployments/deployments#create-a-deployment
 */
export async function createDeployment(
  octokit: Octokit,
  repository: Repository,
  wanted: { sha: HeadSha; environment: string; description: string; payload: Record<string, unknown> },
): Promise<Deployment> {
  const { sha, ...rest } = wanted
  return ask(`deploy ${fullNameOf(repository)}@${sha} to ${wanted.environment}`, async () => {
    const { data } = await octokit.rest.repos.createDeployment({
      ...repository,
      ...rest,
      ref: sha,
      auto_merge: false,
      required_contexts: [],
    })
    return deploymentOf(data)
  })
}

/**
 * How a deployment stands.
 *
 * @see https://docs.github.com/en/rest/deployments/statuses#list-deployment-statuses
 */
export async function deploymentStanding(octokit: Octokit, repository: Repository, id: number): Promise<DeploymentStanding> {
  const statuses = await ask(`read deployment ${id} of ${fullNameOf(repository)}`, async () => {
    const all = await octokit.paginate(octokit.rest.repos.listDeploymentStatuses, {
      ...repository,
      deployment_id: id,
      per_page: PAGE_SIZE,
    })
    return z.array(Status).parse(all)
  })
  const newest = statuses.reduce<Status | null>((best, each) => (best === null || each.id > best.id ? each : best), null)
  if (newest === null) return { state: 'pending', url: null, description: '' }
  return {
    state: stateOf(newest.state),
    url: webAddress(newest.environment_url),
    description: (newest.description ?? '').slice(0, DESCRIPTION_MAX),
  }
}

function stateOf(state: string): DeploymentStanding['state'] {
  switch (state) {
    case 'success':
    case 'inactive':
      return state
    case 'error':
    case 'failure':
      return 'failure'
    default:
      return 'pending'
  }
}

/** Anybody who may deploy writes this address; people will click on it. */
function webAddress(text: string | null | undefined): string | null {
  if (!text || !URL.canParse(text)) return null
  const url = new URL(text)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null
}
