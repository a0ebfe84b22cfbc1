import { rm } from 'node:fs/promises'
import { execa } from 'execa'

/**
 * Removes a folder with all that is in it. What an agent left in it may forbid that to an ordinary user (a folder that
 * nobody may write, as package caches have them): then its owner permits it himself first. It may also lie so deep that no path
 * leads there: the system's own programs go down step by step. Links are not followed.
 */
export async function removeTree(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && HARD.includes(String(error.code)))) throw error
    await execa('chmod', ['--recursive', 'u+rwX', '--', folder], { stdin: 'ignore', reject: false })
    await execa('rm', ['--recursive', '--force', '--', folder], { stdin: 'ignore' })
  }
}

/** What the system's own programs may be able to do all the same. */
const HARD: readonly string[] = ['EACCES', 'EPERM', 'ENAMETOOLONG', 'EMFILE', 'ENFILE']
