/** One case from the start of the thread over the kill to its end. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { BackendName } from './backends.ts'
import type { CrashCase } from './cases.ts'
import { type Ending, endingOf } from './ending.ts'
import { workGoesOn } from './going-on.ts'
import type { ProgramName } from './programs.ts'
import { openStage, type Stage, type StageOptions, THREAD_MS } from './stage.ts'
import { until } from './until.ts'

const CrashLine = z.object({ point: z.string(), at: z.number(), pid: z.number() })

export interface Outcome {
  killed: ProgramName
  /** The crash point that the killed process wrote down; null for a kill from outside. */
  point: string | null
  signal: string | null
  /** From the kill until work went on, in s. */
  seconds: number
  ending: Ending
  /** How the programs ended when they were asked to, after all was done. */
  stopped: { name: ProgramName; code: number | null }[]
}

/** Runs the thread and kills the process that comes by the crash point. */
export function runCrashCase(backend: BackendName, crash: CrashCase): Promise<Outcome> {
  const { thread, held = null, env = {} } = crash
  return onStage({ backend, thread, held, env }, async (stage) => {
    const killed = backend === 'embedded' ? 'start' : crash.of
    const at = { SWITCHYARD_CRASH_AT: `${crash.point}#${crash.nth}`, SWITCHYARD_CRASH_LOG: stage.crashLog }
    await stage.startAll({ program: killed, env: at })
    stage.begin()
    const victim = stage.programs.find(({ name }) => name === killed)
    const { signal } = await until(
      () => `passing ${crash.point}#${crash.nth}\n${stage.tail()}`,
      THREAD_MS,
      () => victim?.ended(),
    )
    const restarted = stage.start(killed)
    const [wentOn] = await Promise.all([workGoesOn(stage, restarted), stage.letGo()])
    const died = CrashLine.parse(JSON.parse(await readFile(stage.crashLog, 'utf8')))
    return { killed, point: died.point, signal, seconds: (wentOn - died.at) / 1_000, ...(await finish(stage)) }
  })
}

/** Runs the thread and kills a process from outside, so many ms after the label. */
export function runRandomCase(backend: BackendName, killed: ProgramName, afterMs: number): Promise<Outcome> {
  return onStage({ backend, thread: 'short' }, async (stage) => {
    await stage.startAll()
    const victim = stage.programs.find(({ name }) => name === killed)
    stage.begin()
    const from = Date.now()
    await until(
      () => 'the moment',
      THREAD_MS,
      () => Date.now() - from >= afterMs,
    )
    victim?.signal('SIGKILL')
    const diedAt = Date.now()
    const ended = await victim?.exited
    const restarted = stage.start(killed)
    // After the last job nothing is left for a runner to do.
    const wentOn = await Promise.race([workGoesOn(stage, restarted), stage.end().then(Date.now)])
    return { killed, point: null, signal: ended?.signal ?? null, seconds: (wentOn - diedAt) / 1_000, ...(await finish(stage)) }
  })
}

/** The thread with nothing in its way; gives its end and how long it took, in ms. */
export function runUndisturbed(options: StageOptions): Promise<{ ending: Ending; ms: number }> {
  return onStage(options, async (stage) => {
    await stage.startAll()
    stage.begin()
    const from = Date.now()
    await stage.letGo()
    const { ending } = await finish(stage)
    return { ending, ms: Date.now() - from }
  })
}

/** Waits for the thread's end, stops everything, and looks. */
export async function finish(stage: Stage): Promise<Pick<Outcome, 'ending' | 'stopped'>> {
  await stage.end()
  const stopped = await stage.stopAll()
  await stage.github.idle()
  return { ending: await endingOf(stage.github, stage.issue()), stopped }
}

export async function onStage<T>(options: StageOptions, act: (stage: Stage) => Promise<T>): Promise<T> {
  const stage = await openStage(options)
  try {
    return await act(stage)
  } finally {
    await stage.close()
  }
}
