/**
 * Scripts at work, kept in this process so that they need not be replayed for every call that ends. Only a cache: any process,
 * this one after a crash too, comes to the same place with the journal. One that waits for long is put away.
 */
import type { WorkflowCall } from '../../workflow/call.ts'
import type { LogLine, Progress, Settled, WorkflowInterpreter } from '../../workflow/progress.ts'

/** Scripts that are kept; of more, the one used longest ago goes. Each has up to its memory limit. */
export const SCRIPTS_KEPT = 8

/** A script, and what it has said so far. */
export interface LiveScript {
  /** The place in the journal up to which it was told. */
  readonly told: number
  /** Every call that it made, with the place in the journal up to which it had been told then. */
  readonly calls: readonly { call: WorkflowCall; after: number }[]
  readonly log: readonly LogLine[]
  /** Lines that it had written when the journal had been told. */
  readonly logAtReplay: number
  readonly end: Exclude<Progress, { state: 'waiting' }> | null
  /** Tells it of one call that ended. */
  tell(position: number, settled: Settled): Promise<void>
  /** What the journal had is told: what it writes from here on is new. */
  replayed(): void
}

/** Starts a script from nothing. */
export async function startScript(interpreter: WorkflowInterpreter): Promise<LiveScript> {
  const calls: { call: WorkflowCall; after: number }[] = []
  const log: LogLine[] = []
  let told = 0
  let logAtReplay = 0
  let end: LiveScript['end'] = null
  const take = (progress: Progress): void => {
    calls.push(...progress.calls.map((call) => ({ call, after: told })))
    log.push(...progress.log)
    if (progress.state !== 'waiting') end = progress
  }
  take(await interpreter.start())
  return {
    get told() {
      return told
    },
    calls,
    log,
    get logAtReplay() {
      return logAtReplay
    },
    replayed: () => {
      logAtReplay = log.length
    },
    get end() {
      return end
    },
    tell: async (position, settled) => {
      // A script that has ended hears nothing any more; what it did not wait for is nobody's.
      const progress = end === null ? await interpreter.settle([settled]) : null
      told = position
      if (progress !== null) take(progress)
    },
  }
}

/** The cache: by the journal's name. */
export interface LiveScripts {
  /** The script of this name, of this edition; null where it is not here. */
  get(name: string, edition: string): LiveScript | null
  put(name: string, edition: string, script: LiveScript, interpreter: WorkflowInterpreter): Promise<void>
  drop(name: string): Promise<void>
  close(): Promise<void>
}

export function createLiveScripts(kept = SCRIPTS_KEPT): LiveScripts {
  const scripts = new Map<string, { edition: string; script: LiveScript; interpreter: WorkflowInterpreter }>()
  const drop = async (name: string): Promise<void> => {
    const known = scripts.get(name)
    scripts.delete(name)
    await known?.interpreter.dispose()
  }
  return {
    get: (name, edition) => {
      const known = scripts.get(name)
      if (known === undefined || known.edition !== edition) return null
      scripts.delete(name)
      scripts.set(name, known)
      return known.script
    },
    put: async (name, edition, script, interpreter) => {
      await drop(name)
      scripts.set(name, { edition, script, interpreter })
      const [oldest] = scripts.keys()
      if (scripts.size > kept && oldest !== undefined) await drop(oldest)
    },
    drop,
    close: async () => {
      for (const name of [...scripts.keys()]) await drop(name)
    },
  }
}
