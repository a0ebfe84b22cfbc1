import { readFile } from './contents.ts'
import { ask } from './errors.ts'
import type { Octokit, Repository } from './octokit.ts'

/** Where GitHub looks for the file; the first that is there counts, and no other. */
const PLACES = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'] as const

/**
 * The text of the CODEOWNERS file of a branch; null where there is none.
 *
 * @throws GitHubError, SwitchyardError where it cannot be read, which is not the same as none
 * @see https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
 */
export async function readCodeOwners(octokit: Octokit, repository: Repository, branch: string): Promise<string | null> {
  for (const path of PLACES) {
    const file = await readFile(octokit, repository, path, branch)
    if (file !== null) return file.source
  }
  return null
}

/** The e-mail address that somebody shows on their profile, which GitHub verified; null where they show none. */
export async function publicEmailOf(octokit: Octokit, login: string): Promise<string | null> {
  const { data } = await ask(`read the profile of ${login}`, () => octokit.rest.users.getByUsername({ username: login }))
  return data.email
}
