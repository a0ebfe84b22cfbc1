/** Starts a program in a sandbox. The runner holds no other handle on what runs inside than what is given here. */
import { spawn } from 'node:child_process'
import path from 'node:path'
import process from 'node:process'
import type { Launched, Program } from '../launcher.ts'
import { signalGroup } from '../watch/process-tree.ts'
import { bubblewrapArguments, bubblewrapOptions, OPTIONS_FD, STATUS_FD } from './bubblewrap.ts'
import { type FirstProcess, firstProcess } from './first-process.ts'
import type { JobUser } from './job-user.ts'
import { type SharedPath, SOCKETS_FOLDER, type View, viewArguments } from './view.ts'

/** How much of standard error is kept to say why there was no sandbox, in characters. */
const STDERR_TAIL_CHARS = 2_000
/** Where the forwarder lies; the only file of ours that is shown inside. */
export const FORWARDER = path.join(import.meta.dirname, 'forwarder.ts')

/** A port on the sandbox's loopback, and the unix socket of the host behind it. */
export interface Forwarded {
  readonly name: string
  readonly port: number
  readonly socket: string
}

/** One job's sandbox. */
export interface Sandbox {
  readonly bubblewrap: string
  readonly user: JobUser | null
  /** Folder with our own files for `/etc`. */
  readonly etc: string
  readonly shared: readonly SharedPath[]
  readonly forwarded: readonly Forwarded[]
  readonly limits: SandboxLimits
}

/** What one sandbox may use at most; see prlimit(1). */
export interface SandboxLimits {
  /** Processes and threads of the job's user. */
  readonly processes: number
  /** Largest file, in bytes. */
  readonly fileBytes: number
  /** Open files of one process. */
  readonly openFiles: number
}

/** Starts the program inside the sandbox. The child's `error` event tells when bubblewrap itself could not be started. */
export function launch(sandbox: Sandbox, { file, args, cwd, env, reads = [] }: Program): Launched {
  const command = {
    file: process.execPath,
    args: [FORWARDER, ...sandbox.forwarded.map(listen), '--', file, ...args],
    cwd,
    env,
  }
  const limited = [...limitArguments(sandbox.limits), sandbox.bubblewrap, ...bubblewrapArguments(command)]
  const child = spawn('prlimit', limited, {
    // The environment is empty but for the search path of prlimit itself: what is inside may read this one.
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
    ...(sandbox.user ?? {}),
  })
  const options = child.stdio[OPTIONS_FD]
  if (options !== null && options !== undefined && 'end' in options) {
    options.on('error', () => undefined)
    options.end(bubblewrapOptions(viewArguments(viewOf(sandbox, reads), sandbox.etc), command))
  }
  return handle(child, firstProcess(child, STATUS_FD))
}

function handle(child: Launched['child'], first: FirstProcess): Launched {
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-STDERR_TAIL_CHARS)
  })
  // With bubblewrap ends its process namespace, and with that everything in it.
  const kill = (): void => {
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL')
  }
  return {
    child,
    // SIGTERM to the program and not to bubblewrap, which would end everything at once.
    terminate: () => first.terminate(),
    kill,
    async leaveNothing() {
      kill()
      const { programStarted } = await first.gone()
      if (programStarted || child.exitCode === null) return null
      return said.trim().split('\n').at(-1) || `bubblewrap ended with exit code ${child.exitCode}`
    },
  }
}

function viewOf({ shared, forwarded }: Sandbox, reads: readonly string[]): View {
  const read = [FORWARDER, path.dirname(process.execPath), ...reads].map((at) => ({ path: at, access: 'read' as const }))
  return {
    shared: [...shared, ...read],
    sockets: forwarded.map(({ name, socket }) => ({ host: socket, inside: socketInside(name) })),
  }
}

function listen({ name, port }: Forwarded): string {
  return `${port}=${socketInside(name)}`
}

function socketInside(name: string): string {
  return `${SOCKETS_FOLDER}/${name}.sock`
}

function limitArguments({ processes, fileBytes, openFiles }: SandboxLimits): string[] {
  return [`--nproc=${processes}`, `--fsize=${fileBytes}`, `--nofile=${openFiles}`, '--core=0', '--']
}
