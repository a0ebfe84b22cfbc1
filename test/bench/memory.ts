/** Resident memory: the app idle and with live runs in its store, the runner idle and at work, beside bare Probot. */
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import { openStore } from '../../src/store/open-store.ts'
import { type Backend, type BackendName, missingFor, openBackend } from '../faults/backends.ts'
import type { ProgramName } from '../faults/programs.ts'
import { type Bench, type BenchContext, bySize } from './bench.ts'
import { startChild } from './child.ts'
import { writeLiveRuns } from './live-runs.ts'
import { memoryOf, memoryOfProcess } from './processes.ts'
import type { Row, Target } from './row.ts'
import { openScene, type Scene } from './scene.ts'
import { tenJobs } from './ten-jobs.ts'

/** MiB that an app with live runs, and an idle runner, may take. */
const APP_TARGET = { kind: 'at-most', value: 300 } as const
const RUNNER_TARGET = { kind: 'at-most', value: 120 } as const
/** Sweeps every so many ms, so that they have all gone over the live runs when memory is read. */
const SWEEP_MS = '1000'
const SWEEPS = ['OUTBOX', 'DELIVERIES', 'JOBS', 'TIMERS', 'ADMISSION'].map((name) => [`SWEEP_${name}_MS`, SWEEP_MS])
const BACKENDS = { services: 'Postgres, Redis', embedded: 'PGlite' } as const

export const memory: Bench = {
  name: 'memory',
  title: 'Resident memory',
  against: 'a process with bare Probot and an empty handler',
  async run(context) {
    const scene = await openScene()
    try {
      const settleMs = bySize(context.size, { quick: 200, default: 5_000, full: 20_000 })
      context.tell('bare Probot')
      const floor = await bareProbot(scene, settleMs)
      const measure = { context, scene, settleMs, floor }
      if (context.size === 'quick') return await withBackend(measure, 'start', 'embedded', 10)
      const runs = bySize(context.size, { quick: 10, default: 2_000, full: 10_000 })
      return [
        ...(await withBackend(measure, 'app', 'services', 0)),
        ...(await withBackend(measure, 'app', 'services', runs)),
        ...(await withBackend(measure, 'runner', 'services', 0)),
        ...(missingFor('services') === null ? await tenJobs(context, floor) : []),
        ...(await withBackend(measure, 'start', 'embedded', 0)),
        ...(await withBackend(measure, 'start', 'embedded', runs)),
      ]
    } finally {
      await scene.close()
    }
  },
}

interface Measure {
  context: BenchContext
  scene: Scene
  settleMs: number
  floor: number
}

async function bareProbot(scene: Scene, settleMs: number): Promise<number> {
  const probot = await startChild(new URL('webhook/probot-child.ts', import.meta.url), [scene.privateKey, scene.webhookSecret])
  await sleep(settleMs)
  const { settled } = await memoryOfProcess(probot.pid)
  await probot.stop()
  return settled
}

async function withBackend(measure: Measure, program: ProgramName, name: BackendName, runs: number): Promise<Row[]> {
  const { context, scene, settleMs, floor } = measure
  const what = `${PROGRAMS[program]} (${BACKENDS[name]})${runs === 0 ? ', idle' : `, ${runs.toLocaleString('en')} live runs`}`
  const missing = missingFor(name)
  if (missing !== null) return [{ kind: 'skipped', what, why: `${missing} is not set` }]
  context.tell(what)
  const dataDir = await scene.folder()
  const backend = await openBackend(name, dataDir)
  try {
    if (runs > 0) await fillStore(backend, dataDir, runs)
    const env = { ...scene.env, ...Object.fromEntries(SWEEPS), DATA_DIR: dataDir, PORT: '0', ...backend.env }
    const { settled, peak } = await memoryOf(program, { ...env, ...addressFor(program) }, settleMs)
    const target = targetOf(program)
    return [
      {
        kind: 'figure',
        what,
        unit: 'MiB',
        ours: settled,
        floor,
        note: `${peak.toFixed(0)} at its peak`,
        ...(target === null ? {} : { target }),
      },
    ]
  } finally {
    await backend.remove()
  }
}

const PROGRAMS = { app: 'app', runner: 'runner', start: 'app and runner in one' } as const

function targetOf(program: ProgramName): Target | null {
  switch (program) {
    case 'app':
      return APP_TARGET
    case 'runner':
      return RUNNER_TARGET
    case 'start':
      return null
  }
}

/** An idle runner only tries to reach its app. */
function addressFor(program: ProgramName): Record<string, string> {
  return program === 'runner' ? { APP_URL: 'http://127.0.0.1:9' } : {}
}

async function fillStore({ env }: Backend, dataDir: string, runs: number): Promise<void> {
  const store = await openStore({ databaseUrl: env.DATABASE_URL, dataDir, log: pino({ level: 'silent' }) })
  await writeLiveRuns(store, runs)
  await store.close()
}
