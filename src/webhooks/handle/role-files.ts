import { ROLES_FOLDER } from '../../config/defaults.ts'
import type { BrokenSource } from '../../config/load.ts'
import { isRoleFile, parseRoleFile, type RoleText } from '../../config/role-files.ts'
import { listFolder, readFile } from '../../github/contents.ts'
import { fullNameOf, type Octokit, type Repository } from '../../github/octokit.ts'

export type RoleTexts = { ok: true; texts: RoleText[] } | { ok: false; broken: BrokenSource[] }

/**
 * What a repository's files say to the roles (CFG-6): of the default branch, or of the commit that is to be judged.
 *
 * @throws GitHubError
 */
export async function readRoleTexts(octokit: Octokit, repository: Repository, ref?: string): Promise<RoleTexts> {
  const paths = (await listFolder(octokit, repository, ROLES_FOLDER, ref)).filter(isRoleFile).sort()
  const read = await Promise.all(
    paths.map(async (path) => {
      const file = await readFile(octokit, repository, path, ref)
      return file === null ? null : { path, sha: file.sha, result: parseRoleFile(path, file.source) }
    }),
  )
  const files = read.filter((file) => file !== null)
  const broken = files.flatMap(({ path, sha, result }) =>
    result.ok ? [] : [{ repository: fullNameOf(repository), path, sha, errors: result.errors }],
  )
  if (broken.length > 0) return { ok: false, broken }
  return { ok: true, texts: files.flatMap(({ result }) => (result.ok ? [result.role] : [])) }
}
