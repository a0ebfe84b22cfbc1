/** One job's sandbox, made from what is known of the host and of the job. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { JobPaths } from '../workspace/paths.ts'
import { giveTo, jobUser, letPass } from './job-user.ts'
import type { Forwarded, Sandbox, SandboxLimits } from './launch.ts'
import { systemCallFilter } from './seccomp.ts'
import { OWN_ETC_FILES } from './view.ts'

/** Most processes and threads of one job: a build with many workers has hundreds. */
export const DEFAULT_PROCESSES = 4_096
/** Largest file that a job may write, in bytes. */
export const DEFAULT_FILE_BYTES = 4_294_967_296
/** Most open files of one process. */
export const DEFAULT_OPEN_FILES = 65_536

/** What all sandboxes of a runner have in common. */
export interface SandboxHost {
  readonly bubblewrap: string
  readonly dataDir: string
  readonly etc: string
  /** Folders with programs that the agent uses, shown at their own paths. */
  readonly tools: readonly string[]
  readonly limits: SandboxLimits
}

/** What a sandbox needs to know of its job. */
export interface SandboxJob {
  readonly paths: Pick<JobPaths, 'root' | 'work' | 'home' | 'report' | 'task'>
  /** The mirrors whose objects the legs' clones share. */
  readonly mirrors: readonly string[]
  readonly forwarded: readonly Forwarded[]
}

/** Writes what all sandboxes of this data folder show of `/etc`. */
export async function prepareHost(host: Pick<SandboxHost, 'bubblewrap' | 'dataDir' | 'tools'>): Promise<SandboxHost> {
  const etc = path.join(host.dataDir, 'sandbox', 'etc')
  await mkdir(etc, { recursive: true })
  for (const [name, text] of Object.entries(OWN_ETC_FILES)) {
    await writeFile(path.join(etc, name), text)
    await chmod(path.join(etc, name), 0o644)
  }
  await chmod(etc, 0o755)
  const openFiles = Math.min(DEFAULT_OPEN_FILES, await ownOpenFiles())
  const limits = { processes: DEFAULT_PROCESSES, fileBytes: DEFAULT_FILE_BYTES, openFiles }
  return { ...host, etc, limits }
}

/** How many open files the runner itself may allow; more than that it cannot give. See proc(5), `/proc/pid/limits`. */
async function ownOpenFiles(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8')
  const hard = /^Max open files +\S+ +(\S+)/m.exec(limits)?.[1]
  return hard === undefined || hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard)
}

/**
 * The sandbox of a job whose workspace is ready. Where the runner is root, the folders that the agent writes become those
 * of the job's own user: call it again after the host has written there.
 */
export async function openSandbox(host: SandboxHost, job: SandboxJob): Promise<Sandbox> {
  const { root, work, home, report, task } = job.paths
  const objects = job.mirrors.map((mirror) => path.join(mirror, 'objects'))
  const user = jobUser(root)
  if (user !== null) {
    await giveTo(user, [work, home, report, task])
    for (const folder of [work, host.etc, ...objects]) await letPass(folder, host.dataDir)
  }
  return {
    bubblewrap: host.bubblewrap,
    user,
    etc: host.etc,
    shared: [
      ...[work, home, report].map((folder) => ({ path: folder, access: 'write' as const })),
      ...[task, ...objects, ...host.tools].map((folder) => ({ path: folder, access: 'read' as const })),
    ],
    forwarded: job.forwarded,
    limits: host.limits,
    filter: systemCallFilter(),
  }
}
