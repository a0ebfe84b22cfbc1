/** A showing of the demo as a program of its own, with --json and --keep, for the tests of it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { z } from 'zod'

export const MAIN = path.join(import.meta.dirname, 'main.ts')
/** The demo takes well under 90 s on an idle machine; this is for one that is not. */
export const MOST_MS = 340_000
/** Nothing listens there, and nothing may be asked there. */
const UNREACHABLE = {
  DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
  REDIS_URL: 'redis://127.0.0.1:1',
  GITHUB_API_URL: 'http://127.0.0.1:1',
  GITHUB_TOKEN: 'not-a-token',
  HTTP_PROXY: 'http://127.0.0.1:1',
  http_proxy: 'http://127.0.0.1:1',
}

const Sha = z.string().regex(/^[0-9a-f]{40}$/)
const Result = z.strictObject({
  issue: z.literal('acme/api#1'),
  run: z.string().min(1),
  pipeline: z.string(),
  status: z.literal('done'),
  pullRequests: z.array(
    z.strictObject({
      repository: z.string(),
      number: z.int(),
      merged: z.boolean(),
      mergedAt: z.iso.datetime(),
      headSha: Sha,
      checkedSha: Sha,
    }),
  ),
  untouched: z.array(z.string()),
  stages: z.array(z.strictObject({ step: z.string(), status: z.string(), attempts: z.int(), seconds: z.number() })),
  githubWrites: z.int().positive(),
  seconds: z.number().positive(),
})
export type Result = z.infer<typeof Result>

export interface DemoRun {
  child: ChildProcess
  /** How it ended: exit code and signal. */
  ended: Promise<unknown>
  /** What it has told people so far. */
  story(): string
  stdout(): string
  /** Resolves when it is at its end and stays up. */
  ready: Promise<void>
  result(): Result
  stage(step: string): Result['stages'][number] | undefined
  /** One of the addresses that it tells at its end. */
  address(name: string): string
  /** Everything it wrote is below it. */
  folder(): string
  /** Kills it, and takes its folder away. */
  clear(): Promise<void>
}

/** Starts a showing. */
export function startDemo(...args: readonly string[]): DemoRun {
  const child = spawn(process.execPath, [MAIN, '--json', '--keep', ...args], {
    env: { ...process.env, ...UNREACHABLE },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let story = ''
  const ready = new Promise<void>((resolve, reject) => {
    // Two pipes: what was written first is not always read first.
    const look = () => {
      if (run.address('Log') !== '' && stdout.endsWith('\n')) resolve()
    }
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString('utf8')
      look()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      story += chunk.toString('utf8')
      look()
    })
    child.once('exit', (code) => reject(new Error(`the demo ended with ${code}:\n${story}`)))
  })
  // Whoever does not wait for it must not fall over its end.
  ready.catch(() => undefined)
  const run: DemoRun = {
    child,
    ended: once(child, 'exit'),
    story: () => story,
    stdout: () => stdout,
    ready,
    result: () => Result.parse(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')),
    stage: (step) => run.result().stages.find((one) => one.step === step),
    address: (name) => new RegExp(`^ +${name} +(\\S+)$`, 'm').exec(story)?.[1] ?? '',
    folder: () => path.dirname(run.address('Log')),
    async clear() {
      child.kill('SIGKILL')
      if (run.folder() !== '.') await rm(run.folder(), { recursive: true, force: true, maxRetries: 5 })
    },
  }
  return run
}
