import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { JobLeg, JobSpec } from '../../src/contract/job.ts'
import { GitError } from '../git/git-error.ts'
import { writeContextFiles } from './context-files.ts'
import type { JobPaths } from './paths.ts'
import { type LegWorkspace, prepareLeg, type WorkspaceDeps } from './prepare-leg.ts'
import { removeTree } from './remove-tree.ts'

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
  await Promise.all(left.map(removeTree))
  await Promise.all([paths.home, ...left].map((folder) => mkdir(folder, { recursive: true, mode: 0o700 })))
  const legs = await prepareLegs(deps, spec, paths, signal)
  const only = legs.length === 1 ? legs[0] : undefined
  const root = only?.folder ?? paths.work
  const contextFiles = await writeContextFiles(root, spec.contextFiles)
  const workDir = path.join(root, only?.leg.directory ?? '')
  return { legs, workDir, contextFiles, notes: legs.flatMap((leg) => leg.notes) }
}

/** The first failure stops the others and is thrown once they have ended: nobody writes into the folders any more. */
async function prepareLegs(deps: WorkspaceDeps, spec: JobSpec, paths: JobPaths, signal: AbortSignal): Promise<LegWorkspace[]> {
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const prepared = await Promise.all(
    spec.legs.map(async (leg) => {
      try {
        return [await prepareLeg(deps, spec, leg, paths, either)]
      } catch (error) {
        failed.abort(ofLeg(leg, error))
        return []
      }
    }),
  )
  if (failed.signal.aborted) throw failed.signal.reason
  return prepared.flat()
}

/** Git's words name no repository. */
function ofLeg({ repository }: JobLeg, error: unknown): unknown {
  if (!(error instanceof GitError)) return error
  const { kind, exitCode, failure } = error
  return new GitError({ ...failure, message: `${repository}: ${failure.message}`, kind, exitCode }, { cause: error })
}
