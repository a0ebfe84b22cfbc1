import { SwitchyardError } from '../contract/failure.ts'
import { askOrNull } from './errors.ts'
import { fullNameOf, type Octokit, type Repository } from './octokit.ts'

/** A file as GitHub has it at some ref. */
export interface RepositoryFile {
  source: string
  /** The blob's id. */
  sha: string
}

/**
 * Reads one text file; null where there is none. Without `ref` it is the default branch.
 *
 * @throws SwitchyardError `api` when the path is no plain file of at most 1 MB
 * @see https://docs.github.com/en/rest/repos/contents#get-repository-content
 */
export async function readFile(
  octokit: Octokit,
  repository: Repository,
  path: string,
  ref?: string,
): Promise<RepositoryFile | null> {
  const what = `read ${path} of ${fullNameOf(repository)}`
  const answer = await askOrNull(what, () =>
    octokit.rest.repos.getContent({ ...repository, path, ...(ref === undefined ? {} : { ref }) }),
  )
  if (answer === null) return null
  const { data } = answer
  // Above 1 MB the encoding is `none` and the content empty.
  if (Array.isArray(data) || data.type !== 'file' || !('content' in data) || data.encoding !== 'base64') {
    throw new SwitchyardError({ cause: 'api', message: `${path} of ${fullNameOf(repository)} is not a file of at most 1 MB` })
  }
  return { source: Buffer.from(data.content, 'base64').toString('utf8'), sha: data.sha }
}

/** The paths of the files directly in a folder; empty where there is no such folder. */
export async function listFolder(octokit: Octokit, repository: Repository, path: string, ref?: string): Promise<string[]> {
  const answer = await askOrNull(`list ${path} of ${fullNameOf(repository)}`, () =>
    octokit.rest.repos.getContent({ ...repository, path, ...(ref === undefined ? {} : { ref }) }),
  )
  if (answer === null || !Array.isArray(answer.data)) return []
  return answer.data.filter((entry) => entry.type === 'file').map((entry) => entry.path)
}
