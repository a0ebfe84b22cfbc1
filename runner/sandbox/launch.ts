/** Starts a program in a sandbox. The runner holds no other handle on what runs inside than what is given here. */
import { spawn } from 'node:child_process'
import path from 'node:path'
import process from 'node:process'
import type { Launched, Program } from '../launcher.ts'
import { giveUpFirst } from '../watch/process-tree.ts'
import { bubblewrapArguments, bubblewrapOptions, FILTER_FD, OPTIONS_FD } from './bubblewrap.ts'
import { handle, write } from './bubblewrap-process.ts'
import type { JobUser } from './job-user.ts'
import { type SharedPath, SOCKETS_FOLDER, type View, viewArguments } from './view.ts'

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
  /** Which system calls are answered; null where this machine's architecture has no such list. */
  readonly filter: Buffer | null
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
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
    ...(sandbox.user ?? {}),
  })
  giveUpFirst(child)
  const view = viewArguments(viewOf(sandbox, reads), sandbox.etc)
  write(child, OPTIONS_FD, bubblewrapOptions(view, command, sandbox.filter !== null))
  write(child, FILTER_FD, sandbox.filter ?? Buffer.alloc(0))
  return handle(child, 'program')
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
