import { z } from 'zod'
import type { Configuration } from '../../config/configuration.ts'
import { BUILT_IN_CONFIGURATION } from '../../config/defaults.ts'
import { type BrokenSource, type LoadedConfiguration, loadConfiguration, type SourceFile } from '../../config/load.ts'
import { readFile } from '../../github/contents.ts'
import { GitHubError } from '../../github/errors.ts'
import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import { getConfiguration, putConfiguration } from '../../store/configurations.ts'
import type { Store } from '../../store/store.ts'

/** How many faults are listed; a comment has room for no more. */
const FAULTS_MAX = 30

/** A repository's configuration as its default branch has it now; where that is not good, the last one that was. */
export type CurrentConfiguration =
  | { ok: true; configuration: Configuration }
  | { ok: false; configuration: Configuration; broken: BrokenSource[] }

/** The files of the last good configuration, by repository, as they were read. */
const GoodFiles = z.record(z.string(), z.object({ source: z.string(), sha: z.string() }))
type GoodFiles = z.infer<typeof GoodFiles>

/**
 * Reads the configuration from the default branch, with the organisation's under it. A file that is not good does not
 * loosen anything: the last good one decides meanwhile who may do what (CFG-2).
 */
export async function currentConfiguration(
  store: Store,
  octokit: Octokit,
  repository: { id: number; fullName: string },
): Promise<CurrentConfiguration> {
  const organizationRepository = `${repositoryOf(repository.fullName).owner}/.github`
  const read: GoodFiles = {}
  const load = (from: (name: string, path: string) => Promise<SourceFile | null>): Promise<LoadedConfiguration> =>
    loadConfiguration({ repository: repository.fullName, organizationRepository, readFile: from })

  const loaded = await load(async (from, path) => {
    const file = await readOrNone(octokit, from, path, from === repository.fullName)
    if (file !== null) read[from] = file
    return file
  })
  const known = await getConfiguration(store.db, repository.id)
  const source = read[repository.fullName]
  const now = { sha: source?.sha ?? null, source: source?.source ?? null }
  if (loaded.ok) {
    if (known === null || JSON.stringify(known.good) !== JSON.stringify(read)) {
      await putConfiguration(store.db, repository.id, { ...now, good: read, errors: null })
    }
    return { ok: true, configuration: loaded.configuration }
  }
  await putConfiguration(store.db, repository.id, { ...now, errors: loaded.broken })
  const good = GoodFiles.safeParse(known?.good)
  const last = good.success ? await load(async (from) => good.data[from] ?? null) : null
  return { ok: false, configuration: last?.ok ? last.configuration : BUILT_IN_CONFIGURATION, broken: loaded.broken }
}

/** The App need not be installed on the organisation's repository; that it may not read there means there is none. */
async function readOrNone(octokit: Octokit, from: string, path: string, own: boolean): Promise<SourceFile | null> {
  try {
    return await readFile(octokit, repositoryOf(from), path)
  } catch (error) {
    if (!own && error instanceof GitHubError && error.status === 403) return null
    throw error
  }
}

/** The faults of the files with their lines, as Markdown. */
export function describeBroken(broken: readonly BrokenSource[]): string {
  return broken
    .map(({ repository, path, errors }) => {
      const lines = errors.slice(0, FAULTS_MAX).map((error) => {
        const place = error.path === '' ? '' : `\`${error.path}\`: `
        return `- line ${error.line}, column ${error.column}: ${place}${error.message}`
      })
      if (errors.length > FAULTS_MAX) lines.push(`- and ${errors.length - FAULTS_MAX} more`)
      return [`\`${path}\` in ${repository}:`, ...lines].join('\n')
    })
    .join('\n\n')
}
