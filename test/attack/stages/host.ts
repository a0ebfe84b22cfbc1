/** What a host has that an agent must not have: secrets in files and processes, services, other jobs, other repositories. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import path from 'node:path'
import process from 'node:process'
import { z } from 'zod'
import type { Workshop } from '../../runner/workshop.ts'
import { CANARY } from './job.ts'

export interface Host {
  readonly shop: Workshop
  /** A folder of the host that nobody inside may write; what is in it afterwards escaped. */
  readonly outside: string
  /** A file with the canary in it, readable by everybody on the host. */
  readonly secret: string
  readonly otherJob: string
  readonly otherMirror: string
  /** A service on the host's loopback, and on sockets of its own. */
  readonly port: number
  readonly unixSocket: string
  readonly abstractSocket: string
  /** What was said to it. */
  readonly heard: string[]
  /** A process with the canary in its environment and its arguments. */
  readonly decoy: ChildProcess
  close(): Promise<void>
}

/** Fills the workshop's data folder with what is worth stealing. */
export async function furnish(shop: Workshop): Promise<Host> {
  // As root, jobs have users of their own, who must be able to pass through.
  await chmod(shop.dir, 0o711)
  const outside = path.join(shop.dir, 'outside')
  const otherJob = path.join(shop.dataDir, 'workspaces', 'other-code', 'home')
  const otherMirror = path.join(shop.dataDir, 'mirrors', 'elsewhere', 'acme', 'secret@9.git', 'objects')
  for (const folder of [outside, otherJob, otherMirror]) await mkdir(folder, { recursive: true })
  await chmod(outside, 0o777)
  const secret = path.join(shop.dataDir, 'secret.txt')
  for (const file of [secret, path.join(otherJob, 'secret.txt'), path.join(otherMirror, 'secret.txt')])
    await writeFile(file, CANARY, { mode: 0o644 })
  const heard: string[] = []
  const unixSocket = path.join(shop.dir, 'service.sock')
  const abstractSocket = `switchyard-attack-${process.pid}-${path.basename(shop.dir)}`
  const servers = [service(heard, 'tcp'), service(heard, 'unix'), service(heard, 'abstract')] as const
  await listening(servers[0], { port: 0, host: '127.0.0.1' })
  await listening(servers[1], { path: unixSocket })
  await listening(servers[2], { path: `\0${abstractSocket}` })
  await chmod(unixSocket, 0o666)
  const { port } = z.object({ port: z.number() }).parse(servers[0].address())
  const decoy = spawn('sh', ['-c', `sleep 600; : ${CANARY}`], {
    env: { SECRET: CANARY, PATH: process.env.PATH },
    stdio: 'ignore',
  })
  return {
    shop,
    outside,
    secret,
    otherJob,
    otherMirror,
    port,
    unixSocket,
    abstractSocket,
    heard,
    decoy,
    async close() {
      decoy.kill('SIGKILL')
      for (const server of servers) await new Promise((resolve) => server.close(resolve))
    },
  }
}

function service(heard: string[], name: string): Server {
  return createServer((socket) => {
    heard.push(name)
    socket.on('error', () => socket.destroy())
    socket.end(CANARY)
  })
}

function listening(server: Server, where: { port: number; host: string } | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, () => resolve())
  })
}
