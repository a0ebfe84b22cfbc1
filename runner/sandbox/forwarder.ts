/**
 * The first program inside a sandbox: it opens ports on the sandbox's own loopback for the unix sockets that are bound in,
 * starts the agent beside them, and ends with it. It imports nothing of ours: this one file is all that is shown inside.
 *
 *     node forwarder.ts 3128=/run/switchyard/proxy.sock -- program argument …
 */
import { spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { constants } from 'node:os'
import process from 'node:process'

/** Exit code when the program could not be started, as a shell has it. */
const NOT_STARTED = 127

function forward(port: number, socket: string): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (inside) => {
    const outside = connect({ path: socket, allowHalfOpen: true })
    inside.on('error', () => outside.destroy())
    outside.on('error', () => inside.destroy())
    inside.pipe(outside)
    outside.pipe(inside)
  })
  server.unref()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
}

function tell(group: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (group !== undefined) process.kill(-group, signal)
  } catch {
    // It has ended meanwhile, and so will this.
  }
}

async function main(): Promise<void> {
  const given = process.argv.slice(2)
  const end = given.indexOf('--')
  await Promise.all(
    given.slice(0, end).map((word) => {
      const at = word.indexOf('=')
      return forward(Number(word.slice(0, at)), word.slice(at + 1))
    }),
  )
  const [file = '', ...args] = given.slice(end + 1)
  // Before the program is there: it may be asked to end as soon as it has said a word. In a group of its own, so that what it
  // started hears of that too.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => tell(child.pid, signal))
  const child = spawn(file, args, { stdio: 'inherit', detached: true })
  child.once('error', (error) => {
    process.stderr.write(`${file} could not be started in the sandbox: ${error.message}. SANDBOX_READ shows more inside.\n`)
    process.exit(NOT_STARTED)
  })
  child.once('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 128 + constants.signals[signal]))
}

await main()
