import path from 'node:path'
import { SwitchyardError } from '../../src/contract/failure.ts'
import type { JobLeg, JobSpec } from '../../src/contract/job.ts'

/** Where everything of one job lies. Only `work`, `home` and `report` are for the agent's eyes. */
export interface JobPaths {
  readonly root: string
  /** The legs' checkouts, side by side; itself no repository. */
  readonly work: string
  /** The host's clean git directories, one per leg. */
  readonly host: string
  /** The agent's home; kept after the job, so that a later job can go on with its session. */
  readonly home: string
  /** Prompt and instructions; read by the agent. */
  readonly task: string
  /** Where the agent writes its report. */
  readonly report: string
  /** What survives a crash of the runner on this machine. */
  readonly journal: string
  /** Held as long as a job works here. */
  readonly lock: string
}

/**
 * The folders of a job. They belong to the run's step and not to the attempt: agents find their sessions by the folder
 * they worked in. Where a step has several jobs at once, each has a place of its own.
 */
export function jobPaths(dataDir: string, job: Pick<JobSpec, 'run' | 'step' | 'place'>): JobPaths {
  const place = job.place === undefined ? '' : `-at-${job.place}`
  const root = path.join(dataDir, 'workspaces', `${job.run}-${job.step}${place}`)
  return {
    root,
    work: path.join(root, 'work'),
    host: path.join(root, 'host'),
    home: path.join(root, 'home'),
    task: path.join(root, 'task'),
    report: path.join(root, 'report'),
    journal: path.join(root, 'journal.json'),
    lock: `${root}.lock`,
  }
}

/** The folder of a leg's mirror. The repository's id is part of it: a name can come to stand for another repository. */
export function mirrorPath(dataDir: string, leg: Pick<JobLeg, 'cloneUrl' | 'repositoryId'>): string {
  const url = new URL(leg.cloneUrl)
  const parts = url.pathname
    .replace(/\.git$/, '')
    .split('/')
    .filter((part) => part !== '')
  if (parts.length === 0 || parts.some((part) => !/^[A-Za-z0-9._-]+$/.test(part) || /^\.+$/.test(part))) {
    throw new SwitchyardError({ cause: 'dispatch', message: `The clone address ${leg.cloneUrl} has no usable path.` })
  }
  const name = parts.pop() ?? ''
  return path.join(dataDir, 'mirrors', url.host.replace(':', '_'), ...parts, `${name}@${leg.repositoryId}.git`)
}
