import { z } from 'zod'
import { ask, askOrNull } from './errors.ts'
import { fullNameOf, type Octokit, PAGE_SIZE, type Repository } from './octokit.ts'

/** What a run needs to know of a repository. */
export interface RepositoryInfo {
  id: number
  fullName: string
  defaultBranch: string
  cloneUrl: string
  private: boolean
  archived: boolean
  fork: boolean
}

const Answer = z.object({
  id: z.number(),
  full_name: z.string(),
  default_branch: z.string(),
  clone_url: z.string(),
  private: z.boolean(),
  archived: z.boolean().default(false),
  fork: z.boolean().default(false),
})

function infoOf(data: unknown): RepositoryInfo {
  const { full_name, default_branch, clone_url, ...rest } = Answer.parse(data)
  return { ...rest, fullName: full_name, defaultBranch: default_branch, cloneUrl: clone_url }
}

/** The repository of this name, or null where there is none that this installation may see. Follows renames. */
export async function repositoryByName(octokit: Octokit, repository: Repository): Promise<RepositoryInfo | null> {
  const found = await askOrNull(`read the repository ${fullNameOf(repository)}`, async () => {
    const { data } = await octokit.rest.repos.get(repository)
    return infoOf(data)
  })
  return found
}

/** The repository of this id under its present name, or null where there is none that this installation may see. */
export async function repositoryById(octokit: Octokit, id: number): Promise<RepositoryInfo | null> {
  return askOrNull(`read the repository ${id}`, async () => {
    const { data } = await octokit.request('GET /repositories/{repository_id}', { repository_id: id })
    return infoOf(data)
  })
}

/** Most pages of repositories that are read of one installation; whoever has more is looked up one by one. */
const REACHABLE_PAGES = 10

/**
 * The repositories that an installation reaches, by id, as they are called now; the first thousand of them.
 *
 * @see https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-app-installation
 */
export async function reachableRepositories(octokit: Octokit): Promise<ReadonlyMap<number, RepositoryInfo>> {
  return ask('list the repositories of the installation', async () => {
    const found = new Map<number, RepositoryInfo>()
    let pages = 0
    for await (const { data } of octokit.paginate.iterator(octokit.rest.apps.listReposAccessibleToInstallation, {
      per_page: PAGE_SIZE,
    })) {
      for (const each of data) found.set(each.id, infoOf(each))
      pages += 1
      if (pages === REACHABLE_PAGES) break
    }
    return found
  })
}

/** The App's installation on a repository, and what it may do there (`contents: 'write'`). */
export interface Installation {
  id: number
  suspended: boolean
  permissions: Readonly<Record<string, string>>
}

const InstallationAnswer = z.object({
  id: z.number(),
  suspended_at: z.string().nullish(),
  permissions: z.record(z.string(), z.string()).default({}),
})

/**
 * The App's installation on this repository, or null where it has none.
 *
 * @param app the App's own client, not an installation's
 * @see https://docs.github.com/en/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app
 */
export async function installationOn(app: Octokit, repository: Repository): Promise<Installation | null> {
  return askOrNull(`look for the App on ${fullNameOf(repository)}`, async () => {
    const { data } = await app.rest.apps.getRepoInstallation(repository)
    const { id, suspended_at, permissions } = InstallationAnswer.parse(data)
    return { id, suspended: typeof suspended_at === 'string', permissions }
  })
}

/**
 * An installation of the App as it is now, or null where it is no more.
 *
 * @param app the App's own client, not an installation's
 * @see https://docs.github.com/en/rest/apps/apps#get-an-installation-for-the-authenticated-app
 */
export async function installationById(app: Octokit, id: number): Promise<Installation | null> {
  return askOrNull(`read the installation ${id}`, async () => {
    const { data } = await app.rest.apps.getInstallation({ installation_id: id })
    const { suspended_at, permissions } = InstallationAnswer.parse(data)
    return { id, suspended: typeof suspended_at === 'string', permissions }
  })
}

/** Every installation of the App, all pages. */
export async function listInstallations(app: Octokit): Promise<Installation[]> {
  return ask('list installations', async () => {
    const all = await app.paginate(app.rest.apps.listInstallations, { per_page: 100 })
    return all.map((data) => {
      const { id, suspended_at, permissions } = InstallationAnswer.parse(data)
      return { id, suspended: typeof suspended_at === 'string', permissions }
    })
  })
}
