import { readFile } from '../github/contents.ts'
import type { Octokit, Repository } from '../github/octokit.ts'

/** Where GitHub looks for the template, in its order. */
const TEMPLATE_PATHS = ['.github/pull_request_template.md', 'pull_request_template.md', 'docs/pull_request_template.md']

/**
 * A repository's pull-request template from its default branch; null where there is none.
 *
 * @see https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/creating-a-pull-request-template-for-your-repository
 */
export async function pullTemplate(octokit: Octokit, repository: Repository): Promise<string | null> {
  for (const path of TEMPLATE_PATHS) {
    const file = await readFile(octokit, repository, path)
    if (file !== null) return file.source
  }
  return null
}
