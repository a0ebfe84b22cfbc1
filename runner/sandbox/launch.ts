/** Starts a program in a sandbox. The runner holds no other handle on what runs inside than what is given here. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { z } from 'zod'
import type { Invocation } from '../agents/runtime.ts'
import { bubblewrapArguments, bubblewrapOptions, OPTIONS_FD, STATUS_FD } from './bubblewrap.ts'
import type { JobUser } from './job-user.ts'
import { type SharedPath, SOCKETS_FOLDER, type View, viewArguments } from './view.ts'

/** Where the forwarder lies; the only file of ours that is shown inside. */
const FORWARDER = path.join(import.meta.dirname, 'forwarder.ts')

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

/** A program at work in a sandbox. */
export interface Launched {
  readonly child: ChildProcess
  /** Asks the program to end: SIGTERM to the program itself, as a signal to bubblewrap would kill everything at once. */
  terminate(): void
  /** Ends everything inside, whatever it did to get away: the sandbox's process namespace dies with its first process. */
  kill(): void
}

const Status = z.object({ 'child-pid': z.number().int().positive() })

/** Starts the invocation inside the sandbox. The child's `error` event tells when it could not be started. */
export function launch(sandbox: Sandbox, invocation: Pick<Invocation, 'file' | 'args' | 'cwd' | 'env'>): Launched {
  const command = {
    file: process.execPath,
    args: [FORWARDER, ...sandbox.forwarded.map(listen), '--', invocation.file, ...invocation.args],
    cwd: invocation.cwd,
    env: invocation.env,
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
    options.end(bubblewrapOptions(viewArguments(viewOf(sandbox), sandbox.etc), command))
  }
  const first = firstProcess(child)
  return {
    child,
    terminate() {
      void first.then((inner) => {
        for (const id of childrenOf(inner)) signal(id, 'SIGTERM')
      })
    },
    kill() {
      void first.then((inner) => signal(inner, 'SIGKILL'))
      if (child.pid !== undefined) signal(-child.pid, 'SIGKILL')
    },
  }
}

function viewOf({ shared, forwarded }: Sandbox): View {
  return {
    shared: [...shared, { path: FORWARDER, access: 'read' }, { path: path.dirname(process.execPath), access: 'read' }],
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

/**
 * Resolves to the sandbox's first process, as bubblewrap tells it: what the program prints may be read before that. Never
 * resolves where there was no sandbox.
 */
function firstProcess(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    let told = ''
    child.stdio[STATUS_FD]?.on('data', (chunk: Buffer) => {
      told += chunk.toString('latin1')
      const object = /\{[^}]*\}/.exec(told)
      const parsed = object === null ? null : Status.safeParse(JSON.parse(object[0]))
      if (parsed?.success === true) resolve(parsed.data['child-pid'])
    })
  })
}

function childrenOf(id: number): number[] {
  try {
    const children = readFileSync(`/proc/${id}/task/${id}/children`, 'utf8').trim()
    return children === '' ? [] : children.split(' ').map(Number)
  } catch {
    return []
  }
}

/** A process that is gone is no error. */
function signal(id: number, name: NodeJS.Signals): void {
  try {
    process.kill(id, name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
