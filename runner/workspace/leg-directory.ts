import { realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { SwitchyardError } from '../../src/contract/failure.ts'
import type { JobLeg, LegResult } from '../../src/contract/job.ts'
import { isMissing } from '../safe-file.ts'

/** Most files that a note names. */
const NAMED_MAX = 5

type Scoped = Pick<JobLeg, 'directory' | 'repository'>

/** Whether a path, read without looking at the disk, stays in its repository. */
export function staysInside(directory: string): boolean {
  return !path.isAbsolute(directory) && !path.normalize(directory).split(path.sep).includes('..')
}

/**
 * Looks whether the directory that a leg's work is about is there. Throws a `SwitchyardError` of cause `config` where it is
 * not, or where a link in the repository leads out of it.
 */
export async function checkDirectory({ directory, repository }: Scoped, folder: string, commit: string): Promise<void> {
  if (directory === undefined) return
  const wrong = (what: string): SwitchyardError => {
    const remedy = 'Correct `directory` in .github/switchyard.yml.'
    return new SwitchyardError({ cause: 'config', message: `${repository} at ${commit.slice(0, 12)}: ${what} ${remedy}` })
  }
  const place = await realpath(path.join(folder, directory)).catch((error: unknown) => {
    if (isMissing(error)) throw wrong(`there is no directory "${directory}".`)
    throw error
  })
  if (place !== folder && !place.startsWith(folder + path.sep)) throw wrong(`"${directory}" is a link out of the repository.`)
  if (!(await stat(place)).isDirectory()) throw wrong(`"${directory}" is a file.`)
}

/** A sentence about what was changed outside of the directory that a leg's work is about; null where nothing was. */
export function outsideDirectory({ directory, repository }: Scoped, files: LegResult['changedFiles']): string | null {
  if (directory === undefined) return null
  const within = path.normalize(directory).replace(/\/+$/, '')
  const outside = files.map((file) => file.path).filter((file) => within !== '.' && !file.startsWith(`${within}/`))
  if (outside.length === 0) return null
  const more = outside.length > NAMED_MAX ? ` and ${outside.length - NAMED_MAX} more` : ''
  return `${repository}: changed outside of ${within}: ${outside.slice(0, NAMED_MAX).join(', ')}${more}.`
}
