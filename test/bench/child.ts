/** Programs of the bench that must not share a process with what measures them. Both ends of the talk are here. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { z } from 'zod'

const Said = z.object({ kind: z.enum(['ready', 'done', 'failed']), text: z.string() })
type Said = z.infer<typeof Said>

export interface Child {
  pid: number
  /** What it said when it was ready: its address. */
  ready: string
  /** Has it do what it offers, and waits until it is done. */
  ask(what: string): Promise<void>
  /** Kills it: whatever it has is in folders and databases that the bench takes away. */
  stop(): Promise<void>
}

/** Starts a file of the bench with these arguments; its environment is what is given, and PATH, HOME and TMPDIR. */
export async function startChild(file: URL, args: readonly string[], env: Record<string, string> = {}): Promise<Child> {
  const { PATH = '', HOME = '', TMPDIR } = process.env
  const own = { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), ...env }
  const child = fork(file, args, { env: own, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let errors = ''
  child.stderr?.on('data', (data) => {
    errors = `${errors}${data}`.slice(-4_000)
  })
  const exited = once(child, 'exit')
  const next = async (): Promise<Said> => {
    const ended = exited.then(() => Promise.reject(new Error(`${file.pathname} ended: ${errors}`)))
    const [message] = await Promise.race([once(child, 'message'), ended])
    const said = Said.parse(message)
    if (said.kind === 'failed') throw new Error(`${file.pathname}: ${said.text}`)
    return said
  }
  const { text } = await next()
  return {
    pid: child.pid ?? 0,
    ready: text,
    async ask(what) {
      const answer = next()
      child.send(what)
      await answer
    },
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** The child's end: says that it is ready, then does what it is asked. */
export function serveParent(ready: string, act: (what: string) => Promise<void> = refuse): void {
  const say = (said: Said) => process.send?.(said)
  process.on('message', (what) => {
    act(String(what)).then(
      () => say({ kind: 'done', text: '' }),
      (error: unknown) => say({ kind: 'failed', text: String(error) }),
    )
  })
  // Without its parent it has no purpose.
  process.on('disconnect', () => process.exit())
  say({ kind: 'ready', text: ready })
}

async function refuse(what: string): Promise<void> {
  throw new Error(`there is no ${what}`)
}
