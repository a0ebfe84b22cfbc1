import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { SwitchyardError } from '../../src/contract/failure.ts'
import type { JobSpec } from '../../src/contract/job.ts'
import { writeContextFiles } from './context-files.ts'
import type { JobPaths } from './paths.ts'
import { type LegWorkspace, prepareLeg, type WorkspaceDeps } from './prepare-leg.ts'

/** What the agent finds. */
export interface Workspace {
  readonly legs: readonly LegWorkspace[]
  /** Where the agent starts: the only leg's folder, or the folder that holds the legs; a leg's directory where one is set. */
  readonly workDir: string
  /** Absolute paths of the context files. */
  readonly contextFiles: readonly string[]
  readonly notes: readonly string[]
}

/**
 * Makes the workspace of a job, all legs at the same time. If one fails, the others are stopped and the job fails before
 * the agent starts. What an earlier start left in the folders is removed first.
 */
export async function prepareWorkspace(
  deps: WorkspaceDeps,
  spec: JobSpec,
  paths: JobPaths,
  signal: AbortSignal,
): Promise<Workspace> {
  const left = [paths.work, paths.host, paths.task, paths.report]
  await Promise.all(left.map((folder) => rm(folder, { recursive: true, force: true })))
  await Promise.all([paths.home, ...left].map((folder) => mkdir(folder, { recursive: true, mode: 0o700 })))
  const others = new AbortController()
  const either = AbortSignal.any([signal, others.signal])
  const legs = await Promise.all(
    spec.legs.map(async (leg) => {
      try {
        return await prepareLeg(deps, spec, leg, paths, either)
      } catch (error) {
        others.abort(error)
        throw error
      }
    }),
  )
  const only = legs.length === 1 ? legs[0] : undefined
  const root = only?.folder ?? paths.work
  const contextFiles = await writeContextFiles(root, spec.contextFiles)
  return { legs, workDir: workDirOf(root, only), contextFiles, notes: legs.flatMap((leg) => leg.notes) }
}

function workDirOf(root: string, only: LegWorkspace | undefined): string {
  const directory = only?.leg.directory
  if (directory === undefined) return root
  const workDir = path.resolve(root, directory)
  if (workDir !== root && !workDir.startsWith(root + path.sep)) {
    throw new SwitchyardError({ cause: 'dispatch', message: `The directory "${directory}" is outside its repository.` })
  }
  return workDir
}
