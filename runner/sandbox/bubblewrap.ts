/**
 * Bubblewrap's command line. Options go through a file descriptor, not as arguments, and the environment is empty: a
 * process inside can read both of the process that started it (`/proc/1/cmdline`, `/proc/1/environ`).
 * Follows https://github.com/containers/bubblewrap (bwrap(1)).
 */
import { INSIDE_ID } from './view.ts'

/** The file descriptor that bubblewrap reads its options from. */
export const OPTIONS_FD = 3
/** The file descriptor on which bubblewrap tells the inner process and its exit code. */
export const STATUS_FD = 4

/** The file descriptor that bubblewrap reads the filter of system calls from. */
export const FILTER_FD = 5

/** Own namespaces for everything, none further inside, no capability, and the end of everything with the starter's. */
const ISOLATION = [
  ...['--die-with-parent', '--new-session'],
  ...['--unshare-user', '--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
  '--disable-userns',
  ...['--uid', String(INSIDE_ID), '--gid', String(INSIDE_ID)],
  ...['--hostname', 'sandbox'],
  ...['--cap-drop', 'ALL'],
] as const

/**
 * What keeps a job's processes together where there is no sandbox: a namespace for them, and nothing else. Files, users and
 * network are the runner's. In a session of its own the program and what it started can be asked to end together.
 */
const HELD_TOGETHER = [
  '--dev-bind',
  '/',
  '/',
  '--unshare-pid',
  '--proc',
  '/proc',
  '--die-with-parent',
  '--new-session',
] as const

export interface SandboxedCommand {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  /** The whole environment inside. */
  readonly env: Readonly<Record<string, string>>
}

/** What bubblewrap reads from {@link OPTIONS_FD}: each option ended by a zero byte. */
export function bubblewrapOptions(view: readonly string[], { cwd, env }: SandboxedCommand, filtered: boolean): Buffer {
  return bytesOf([
    ...ISOLATION,
    '--clearenv',
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
    ...view,
    ...['--chdir', cwd],
    ...(filtered ? ['--seccomp', String(FILTER_FD)] : []),
  ])
}

/** The same for a program without a sandbox. Its environment and its folder are those of bubblewrap. */
export function heldTogetherOptions(): Buffer {
  return bytesOf(HELD_TOGETHER)
}

/** Where nothing is given beside it, a trial of {@link heldTogetherOptions}. */
export const HELD_TOGETHER_TRIAL = [...HELD_TOGETHER, '/usr/bin/true'] as const

function bytesOf(options: readonly string[]): Buffer {
  return Buffer.from(options.map((option) => `${option}\0`).join(''))
}

/** What is left on bubblewrap's own command line. */
export function bubblewrapArguments({ file, args }: Pick<SandboxedCommand, 'file' | 'args'>): string[] {
  return ['--args', String(OPTIONS_FD), '--json-status-fd', String(STATUS_FD), '--', file, ...args]
}
