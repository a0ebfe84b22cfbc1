import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import type { JobSpec } from '../src/contract/job.ts'
import type { JobPaths } from './workspace/paths.ts'
import { removeTree } from './workspace/remove-tree.ts'

/** How long a session can be gone on with, in ms. */
export const SESSION_MAX_AGE_MS = 2 * 3_600_000

const Kept = z.object({
  job: z.string(),
  session: z.string(),
  runtime: z.string(),
  role: z.string(),
  legs: z.string(),
  at: z.number(),
})

const sessionFile = (paths: JobPaths): string => path.join(paths.root, 'session.json')
/** The repositories with their branches, and the folder that the agent starts in: by it, agents find their sessions. */
const legsOf = (spec: JobSpec): string =>
  spec.legs.map((leg) => `${leg.key}:${leg.workBranch}:${leg.directory ?? ''}`).join(' ')

/**
 * Remembers a job's session beside the agent's home, out of the agent's reach.
 *
 * @param now in ms since the epoch
 */
export async function keepSession(paths: JobPaths, spec: JobSpec, session: string, now: number): Promise<void> {
  const kept = { job: spec.id, session, runtime: spec.runtime.name, role: spec.role, legs: legsOf(spec), at: now }
  await writeFile(sessionFile(paths), JSON.stringify(kept))
}

/** The session that the job asks to go on with, if this runner has it and nothing that matters differs; else null. */
export async function keptSession(paths: JobPaths, spec: JobSpec, now: number): Promise<string | null> {
  const wanted = spec.resume
  if (wanted === undefined) return null
  const kept = Kept.safeParse(await readJson(sessionFile(paths)))
  if (!kept.success) return null
  const { job, session, runtime, role, legs, at } = kept.data
  const same = job === wanted.job && session === wanted.session && runtime === spec.runtime.name && role === spec.role
  return same && legs === legsOf(spec) && now - at < SESSION_MAX_AGE_MS ? session : null
}

/** Empties the agent's home: a fresh session finds nothing of an earlier one. */
export async function forgetSessions(paths: JobPaths): Promise<void> {
  await removeTree(paths.home)
  await rm(sessionFile(paths), { force: true })
  await mkdir(paths.home, { recursive: true, mode: 0o700 })
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    // Missing or torn: there is no session to go on with.
    return null
  }
}
