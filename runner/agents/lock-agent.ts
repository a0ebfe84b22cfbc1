import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { manifestOf } from './install-agent.ts'
import type { AgentPackage } from './tools.ts'

/** Writes an agent's lock file anew, for all platforms that the registry offers, without addresses of a registry. Throws when npm fails. */
export async function lockAgent(agent: AgentPackage, locks: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-lock-'))
  try {
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifestOf(agent)))
    const args = ['install', '--package-lock-only', '--ignore-scripts', '--omit-lockfile-registry-resolved', '--no-audit']
    await execa('npm', args, { cwd: folder })
    const file = join(locks, `${agent.runtime}.json`)
    await writeFile(file, await readFile(join(folder, 'package-lock.json')))
    return file
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
