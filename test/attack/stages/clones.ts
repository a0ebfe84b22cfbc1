/**
 * One job with many repositories. In each clone the agent leaves another trap for the host's git, and ordinary work beside
 * it. A trap that springs leaves a mark: its bait tells git of the host from git of the agent by the job's mark in the
 * environment.
 */
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { JobResult } from '../../../src/contract/job.ts'
import { openWorkshop, success, type Workshop } from '../../runner/workshop.ts'
import { stage } from '../scene.ts'
import { TRAPS } from './traps.ts'

export interface Clones {
  readonly shop: Workshop
  readonly result: JobResult
  /** Names of the traps that sprang. */
  readonly sprung: readonly string[]
}

/** A program that leaves a mark where it is not the agent that runs it, and passes its input on. */
export async function bait(shop: Workshop, name: string): Promise<string> {
  const marks = path.join(shop.dir, 'marks')
  await mkdir(marks, { recursive: true })
  const file = path.join(shop.dir, `bait-${name}`)
  await writeFile(file, `#!/bin/sh\nif test -z "$SWITCHYARD_JOB"; then touch ${marks}/${name}; fi\ncat 2>/dev/null\nexit 0\n`)
  await chmod(file, 0o755)
  return file
}

export async function marksOf(shop: Workshop): Promise<string[]> {
  return readdir(path.join(shop.dir, 'marks')).catch(() => [])
}

export const clonesOf = stage(async () => {
  const shop = await openWorkshop()
  const scripts: string[] = []
  for (const [name, trap] of Object.entries(TRAPS)) {
    await shop.repository(`acme/${name}`, { 'README.md': '#\n', 'src/index.js': '1\n', 'sub/keep': 'x\n' })
    scripts.push(`( cd acme__${name}; echo new > README.md; ${trap(await bait(shop, name), shop.dir)} )`)
  }
  const legs = Object.keys(TRAPS).map((name) => shop.leg(`acme/${name}`))
  const { result } = await shop.run(shop.spec(legs, [{ do: 'sh', script: scripts.join('\n') }, success()]))
  return { stage: { shop, result, sprung: await marksOf(shop) }, close: () => shop.close() }
})
