import type { ContextFileEntry } from '../../config/file-work.ts'
import { inWords, quoted } from '../../config/nearest.ts'
import { failureOf } from '../../contract/failure.ts'
import { readFile } from '../../github/contents.ts'
import { GitHubError } from '../../github/errors.ts'
import type { Octokit, Repository } from '../../github/octokit.ts'
import type { RunSettings } from '../../pipeline/run-settings.ts'

/** Most characters of all context files of a run together: they are kept with the run. */
export const CONTEXT_MAX_CHARS = 200_000

type ContextFiles = NonNullable<RunSettings['contextFiles']>

/** The files, or why they cannot be given; goes on from "was not done: ". */
export type ContextResult = { ok: true; files: ContextFiles } | { ok: false; why: string; remedy: string }

/**
 * Reads a run's context files from the default branch, so that no change brings its own (CFG-3).
 *
 * @throws GitHubError where GitHub cannot say
 */
export async function readContextFiles(
  octokit: Octokit,
  repository: Repository,
  entries: readonly ContextFileEntry[],
): Promise<ContextResult> {
  const read = await Promise.all(
    entries.map(async ({ path, text }) => ({ path, content: text ?? (await textOf(octokit, repository, path)) })),
  )
  const missing = read.filter(({ content }) => content === null).map(({ path }) => quoted(path))
  const remedy = 'Put it there, or take it out of `contextFiles` in `.github/switchyard.yml`.'
  if (missing.length > 0) {
    return { ok: false, why: `${inWords(missing, 'and')} of \`contextFiles\` is no text file of the default branch`, remedy }
  }
  const files = read.flatMap(({ path, content }) => (content === null ? [] : [{ path, content }]))
  const length = files.reduce((sum, { content }) => sum + content.length, 0)
  if (length <= CONTEXT_MAX_CHARS) return { ok: true, files }
  const why = `the files of \`contextFiles\` have ${length} characters together, and at most ${CONTEXT_MAX_CHARS} are given`
  return { ok: false, why, remedy: 'Shorten the list in `.github/switchyard.yml`, or the files.' }
}

async function textOf(octokit: Octokit, repository: Repository, path: string): Promise<string | null> {
  try {
    const file = await readFile(octokit, repository, path)
    return file === null || file.source.includes('\0') ? null : file.source
  } catch (error) {
    // A folder, or too large for a text: the person who wrote the path can mend that, unlike an error of GitHub's.
    if (!(error instanceof GitHubError) && failureOf(error, 'internal').cause === 'api') return null
    throw error
  }
}
