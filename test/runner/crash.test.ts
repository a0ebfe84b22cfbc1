/** The runner's process is killed, really, at each of its crash points; the job is started again and ends the same. */
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { CrashPoint } from '../../src/contract/crash-point.ts'
import { openWorkshop, type Step, success, type Workshop } from './workshop.ts'

const shops: Workshop[] = []
afterAll(async () => {
  for (const shop of shops) await shop.close()
})

async function open(): Promise<Workshop> {
  const shop = await openWorkshop()
  shops.push(shop)
  await shop.repository('acme/api')
  await shop.repository('acme/shop')
  return shop
}

/** Each starts four Node processes; on a busy machine that takes its time, in ms. */
const PATIENCE_MS = 180_000

const BRANCH = 'switchyard/run1'
/** An agent like a real one: it looks at what is there, and does what is missing. */
const work = (leg: string): Step => ({
  do: 'sh',
  script: `cd ${leg}; test -e one.txt || { echo one > one.txt; git add -A; git commit -qm One; }; sleep 0.7; test -e two.txt || { echo two > two.txt; git add -A; git commit -qm Two; }`,
})
const script = (shop: Workshop): Step[] => [
  { do: 'sh', script: `echo begun >> ${shop.dir}/begun` },
  work('acme__api'),
  work('acme__shop'),
  success(),
]

async function runProcess(shop: Workshop, dataDir: string, crashAt?: string): Promise<number | string | null> {
  const spec = shop.spec([shop.leg('acme/api'), shop.leg('acme/shop')], script(shop), { limits: { checkpointMs: 1_000 } })
  const argument = JSON.stringify({ appUrl: shop.app.url, dataDir, spec })
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'run-once.ts'), argument], {
    env: { PATH: process.env.PATH, ...(crashAt === undefined ? {} : { SWITCHYARD_CRASH_AT: crashAt }) },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return await new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)))
}

const points = [
  ['job-received', 1],
  ['workspace-ready', 1],
  ['agent-started', 2],
  ['checkpoint-pushed', 2],
  ['agent-ended', 2],
  ['committed', 1],
  ['pushed-one-leg', 1],
  ['pushed', 1],
  ['result-sent', 1],
] as const satisfies readonly (readonly [CrashPoint, number])[]

test.concurrent.each(points)(
  '[JOB-5] killed at %s: no doubled commit, nothing lost that was pushed, the same result',
  async (point, agentRuns) => {
    const shop = await open()
    expect(await runProcess(shop, shop.dataDir, point)).toBe('SIGKILL')
    const kept = await shop.git('acme/api', 'branch', '--list', '--format=%(objectname)', BRANCH)
    expect(await runProcess(shop, shop.dataDir)).toBe(0)
    const { result, start } = shop.app.results.at(-1) ?? {}
    expect(result, JSON.stringify(result)).toMatchObject({
      status: 'finished',
      // Whether the last start pushed a leg or the one before depends on the moment of the kill; head and files do not.
      legs: [{ ahead: 2 }, { ahead: 2 }],
    })
    expect(start).toBe(point === 'job-received' ? 1 : 2)
    for (const name of ['acme/api', 'acme/shop'])
      expect(await shop.git(name, 'log', '--format=%s', BRANCH)).toBe('Two\nOne\nThe first commit')
    if (kept !== '') expect(await shop.git('acme/api', 'merge-base', '--is-ancestor', kept, BRANCH)).toBe('')
    // After the agent's work is committed it is not paid for a second time.
    expect((await readFile(`${shop.dir}/begun`, 'utf8')).trim().split('\n')).toHaveLength(agentRuns)
  },
  PATIENCE_MS,
)

test.concurrent(
  '[JOB-5] killed after one leg was pushed, and taken by another machine: the same end',
  async () => {
    const shop = await open()
    expect(await runProcess(shop, path.join(shop.dir, 'machine-1'), 'pushed-one-leg')).toBe('SIGKILL')
    expect(await runProcess(shop, path.join(shop.dir, 'machine-2'))).toBe(0)
    expect(shop.app.results.at(-1)?.result).toMatchObject({ status: 'finished', legs: [{ ahead: 2 }, { ahead: 2 }] })
    for (const name of ['acme/api', 'acme/shop'])
      expect(await shop.git(name, 'log', '--format=%s', BRANCH)).toBe('Two\nOne\nThe first commit')
  },
  PATIENCE_MS,
)
