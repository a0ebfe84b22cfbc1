/** The programs of Switchyard as child processes: started, watched by what they log, killed and stopped. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const at = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url))
const NODE = at('node_modules/.bin/node')
/** Compiled code is kept between the starts of a test: half of a start is compiling. */
const COMPILE_CACHE = at('node_modules/.cache/switchyard/compiled')

/** `start` is app and runner in one process. */
export type ProgramName = 'start' | 'app' | 'runner'

const ARGUMENTS: Readonly<Record<ProgramName, string[]>> = {
  start: [at('src/main.ts'), 'start'],
  app: [at('src/main.ts'), 'app'],
  runner: ['--max-semi-space-size=16', at('runner/main.ts')],
}
/** What a program logs when it can work. */
const READY: Readonly<Record<ProgramName, string>> = { start: 'runner started', app: 'App started', runner: 'runner started' }

export interface Ended {
  code: number | null
  signal: string | null
}

export interface Program {
  name: ProgramName
  /** 0 where it could not be started. */
  pid: number
  /** What it wrote so far, log and errors, line by line. */
  lines: readonly string[]
  /** Whether it logged this message. */
  logged(message: string): boolean
  ready(): boolean
  /** Null while it runs. */
  ended(): Ended | null
  exited: Promise<Ended>
  signal(signal: NodeJS.Signals): void
}

export function startProgram(name: ProgramName, env: Readonly<Record<string, string>>): Program {
  const { PATH = '', HOME = '', TMPDIR } = process.env
  const child = spawn(NODE, ARGUMENTS[name], {
    env: { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), NODE_COMPILE_CACHE: COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => lines.push(line))
  const logged = (message: string) => lines.some((line) => line.includes(`"msg":"${message}"`))
  let ended: Ended | null = null
  const exited = endOf(child)
  void exited.then((how) => {
    ended = how
  })
  return {
    name,
    pid: child.pid ?? 0,
    lines,
    logged,
    ready: () => logged(READY[name]),
    ended: () => ended,
    exited,
    signal: (signal) => void child.kill(signal),
  }
}

/** Once its output is read to the end, so that its last words are not missed. */
function endOf(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })))
}
