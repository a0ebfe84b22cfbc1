/**
 * The configuration of a repository, read from default branches only: what a pull request changes in it counts when it
 * is merged. Under the repository's own file lies the one in the organisation's `.github` repository.
 */
import { type Configuration, mergeConfigurations, settleConfiguration } from './configuration.ts'
import { CONFIGURATION_PATH } from './defaults.ts'
import { type ConfigurationError, parseConfiguration } from './parse.ts'

/** A file as a default branch has it. */
export interface SourceFile {
  source: string
  /** The commit (or blob) it was read at. */
  sha: string
}

/** Where a part of a configuration came from. */
export interface ConfigurationSource {
  repository: string
  path: string
  sha: string
}

/** A file with everything that is wrong with it. */
export interface BrokenSource extends ConfigurationSource {
  errors: ConfigurationError[]
}

/** `sources` is empty where there is no file and the built-in configuration holds. */
export type LoadedConfiguration =
  | { ok: true; configuration: Configuration; sources: ConfigurationSource[] }
  | { ok: false; broken: BrokenSource[] }

export interface LoadOptions {
  /** Reads a file from the repository's default branch; null where there is none. It throws where GitHub cannot say. */
  readFile: (repository: string, path: string) => Promise<SourceFile | null>
  /** `owner/name`. */
  repository: string
  /** The organisation's `owner/.github`, where the App may read it. */
  organizationRepository: string | null
}

/** Loads, checks and layers the files. @throws what `readFile` throws: not knowing is not the same as no file */
export async function loadConfiguration({
  readFile,
  repository,
  organizationRepository,
}: LoadOptions): Promise<LoadedConfiguration> {
  const isOrganization = organizationRepository?.toLowerCase() === repository.toLowerCase()
  const [organization, own] = await Promise.all([
    organizationRepository === null || isOrganization ? null : read(organizationRepository),
    read(repository),
  ])
  const files = [organization, own].filter((file) => file !== null).map(parsed)
  const broken = files.flatMap(({ place, result }) => (result.ok ? [] : [{ ...place, errors: result.errors }]))
  if (broken.length > 0) return { ok: false, broken }
  const good = files.flatMap(({ place, result }) => {
    if (!result.ok) return []
    const { schedules, ...shared } = result.configuration
    // An organisation's schedules are its own repository's: also where that is the only file that there is.
    return [place.repository === repository && schedules !== undefined ? { ...shared, schedules } : shared]
  })
  const merged = good.length === 0 ? null : good.reduce(mergeConfigurations)
  return { ok: true, configuration: settleConfiguration(merged), sources: files.map(({ place }) => place) }

  async function read(from: string) {
    const file = await readFile(from, CONFIGURATION_PATH)
    return file === null ? null : { repository: from, path: CONFIGURATION_PATH, ...file }
  }
}

function parsed({ source, ...place }: ConfigurationSource & SourceFile) {
  return { place, result: parseConfiguration(source) }
}
