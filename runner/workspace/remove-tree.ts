import { rm } from 'node:fs/promises'
import { execa } from 'execa'

/**
 * Removes a folder with all that is in it. What an agent left in it may forbid that to an ordinary user (a folder that
 * nobody may write, as package caches have them): then its owner permits it himself first. Links are not followed.
 */
export async function removeTree(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM'))) throw error
    await execa('chmod', ['--recursive', 'u+rwX', '--', folder], { stdin: 'ignore', reject: false })
    await rm(folder, { recursive: true, force: true })
  }
}
