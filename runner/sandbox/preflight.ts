/** Whether a sandbox can be made here: tried once at start, with the same namespaces and the same user as later. */
import { realpath } from 'node:fs/promises'
import process from 'node:process'
import { execa } from 'execa'
import { barrier, type JobUser } from './job-user.ts'

/** How long the trial may take, in ms. */
const TRIAL_MS = 10_000

export type Preflight =
  | { readonly ready: true; readonly bubblewrap: string }
  /** `why` names what is missing, `remedy` what to do. */
  | { readonly ready: false; readonly why: string; readonly remedy: string }

/**
 * Tries a sandbox. Does not throw.
 *
 * @param user as whom jobs will be run; null for the runner's own user
 * @param needed folders and programs that the job's user has to reach: the data folder, Node, the tools
 */
export async function preflight(user: JobUser | null, needed: readonly string[]): Promise<Preflight> {
  if (process.platform !== 'linux') {
    return { ready: false, why: `bubblewrap works on Linux only, and this is ${process.platform}`, remedy: ANY_LINUX }
  }
  const found = await execa('which', ['bwrap'], { reject: false, stdin: 'ignore' })
  if (found.exitCode !== 0) return { ready: false, why: 'bubblewrap is not installed', remedy: INSTALL }
  for (const place of needed) {
    const real = await realpath(place).catch(() => null)
    if (real === null) return { ready: false, why: `${place} is not there`, remedy: ABSENT }
    const folder = user === null ? null : await barrier(real)
    if (folder !== null)
      return { ready: false, why: `jobs run as a user of their own, who may not enter ${folder}`, remedy: REACH }
  }
  const tried = await execa(found.stdout, TRIAL, {
    ...(user === null ? {} : user),
    cwd: '/',
    env: {},
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: TRIAL_MS,
  })
  if (tried.exitCode === 0) return { ready: true, bubblewrap: found.stdout }
  const said = tried.stderr.trim().split('\n').at(-1) ?? ''
  return { ready: false, why: `a trial failed: ${said === '' ? tried.shortMessage : said}`, remedy: ALLOW }
}

const TRIAL = [
  ...['--unshare-user', '--unshare-pid', '--unshare-net', '--disable-userns', '--cap-drop', 'ALL'],
  ...['--ro-bind', '/usr', '/usr', '--ro-bind-try', '/lib', '/lib', '--ro-bind-try', '/lib64', '/lib64'],
  ...['--proc', '/proc', '--dev', '/dev', '/usr/bin/true'],
]

const ANY_LINUX =
  'Run the runner on Linux, in a container for instance; with SANDBOX=off it works here without any wall around the agent.'
const INSTALL =
  'Install it (Debian, Ubuntu: apt-get install bubblewrap; Alpine: apk add bubblewrap; Fedora: dnf install bubblewrap).'
const ABSENT = 'Take it out of SANDBOX_READ, or put it there.'
const REACH =
  'Set DATA_DIR to a folder that others may pass through, such as /var/lib/switchyard, and install Switchyard outside of home folders; or run the runner as an ordinary user.'
const ALLOW =
  'User namespaces must be allowed: sysctl user.max_user_namespaces above 0; on Ubuntu kernel.apparmor_restrict_unprivileged_userns=0 or a profile for bwrap; in Docker --security-opt seccomp=unconfined --security-opt systempaths=unconfined (docs/sandbox.md says more).'
