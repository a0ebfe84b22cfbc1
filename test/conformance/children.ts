import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Place } from './combinations.ts'

const NODE = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url))
const CHILD = fileURLToPath(new URL('child.ts', import.meta.url))

/** A child process at a place, and what it said so far. */
export interface Child {
  said: string[]
  errors: string[]
  /** Resolves with the first line (said or to come) that begins so; rejects when the process ends before. */
  says(beginning: string): Promise<string>
  /** SIGKILL, and wait until it is gone. */
  kill(): Promise<void>
  exited: Promise<unknown>
}

export function startChild(what: 'open' | 'write' | 'hold' | 'block', place: Place): Child {
  const child = spawn(NODE, [CHILD, what, JSON.stringify(place)], { stdio: ['ignore', 'pipe', 'pipe'] })
  const said: string[] = []
  const errors: string[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => said.push(line))
  child.stderr.on('data', (data) => errors.push(String(data)))
  const exited = once(child, 'exit')
  return {
    said,
    errors,
    exited,
    says: (beginning) => lineOf(child, lines, said, errors, beginning),
    kill: () => kill(child, exited),
  }
}

async function kill(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  child.kill('SIGKILL')
  await exited
}

function lineOf(
  child: ChildProcess,
  lines: NodeJS.EventEmitter,
  said: string[],
  errors: string[],
  beginning: string,
): Promise<string> {
  const found = said.find((line) => line.startsWith(beginning))
  if (found !== undefined) return Promise.resolve(found)
  return new Promise((resolve, reject) => {
    lines.on('line', (line: string) => {
      if (line.startsWith(beginning)) resolve(line)
    })
    child.once('exit', () => reject(new Error(`The child ended without saying "${beginning}": ${errors.join('')}`)))
  })
}
