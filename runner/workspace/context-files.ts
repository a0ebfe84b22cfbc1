import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { SwitchyardError } from '../../src/contract/failure.ts'
import type { JobSpec } from '../../src/contract/job.ts'
import { CONTEXT_FOLDER } from './prepare-leg.ts'

/** How many names are tried where the repository has a folder of the same name. */
const NAMES_TRIED = 10

/**
 * Writes the job's context files into a folder of their own below `root`, which git ignores, and gives their paths. The
 * folder is always new: one that the repository brings (it could be a link) is not written into.
 */
export async function writeContextFiles(root: string, files: JobSpec['contextFiles']): Promise<string[]> {
  if (files.length === 0) return []
  for (const file of files) {
    const parts = file.path.split('/')
    if (path.isAbsolute(file.path) || file.path.includes('\\') || parts.some((part) => part === '' || /^\.+$/.test(part))) {
      throw new SwitchyardError({ cause: 'dispatch', message: `A context file cannot be called "${file.path}".` })
    }
  }
  const folder = await newFolder(root)
  const paths: string[] = []
  for (const file of files) {
    const target = path.join(folder, file.path)
    await mkdir(path.dirname(target), { recursive: true })
    await writeFile(target, file.content)
    paths.push(target)
  }
  return paths
}

async function newFolder(root: string): Promise<string> {
  for (let number = 1; number <= NAMES_TRIED; number += 1) {
    const folder = path.join(root, number === 1 ? CONTEXT_FOLDER : `${CONTEXT_FOLDER}-${number}`)
    try {
      await mkdir(folder)
      return folder
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
  throw new SwitchyardError({ cause: 'git', message: `The repository takes every name for the folder of context files.` })
}
