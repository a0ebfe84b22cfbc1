/**
 * Scripts at work, kept in this process so that they need not be replayed for every call that ends. Only a cache: any process,
 * this one after a crash too, comes to the same place with the journal. One that nobody goes on with for long is put away.
 */
import { SCRIPT_IDLE_MS, SCRIPTS_KEPT } from '../../workflow/limits.ts'
import type { LiveScript } from './live-script.ts'

/** The cache: by the journal's name. */
export interface LiveScripts {
  /** Acts with the script of this name and edition; where it is not here, with one that `open` starts from nothing (`fresh`). */
  use<T>(
    name: string,
    edition: string,
    open: () => Promise<LiveScript>,
    act: (script: LiveScript, fresh: boolean) => Promise<T>,
  ): Promise<T>
  drop(name: string): Promise<void>
  /** How many there are: as many threads. */
  size(): number
  close(): Promise<void>
}

export interface LiveScriptsOptions {
  /** Of more, those go that were used longest ago. */
  kept?: number
  /** How long one stays that nobody goes on with, in ms. */
  idleMs?: number
}

interface Kept {
  edition: string
  script: LiveScript
  /** It is being acted with: it stays, whoever else comes. */
  busy: boolean
  idle?: NodeJS.Timeout
}

export function createLiveScripts({ kept = SCRIPTS_KEPT, idleMs = SCRIPT_IDLE_MS }: LiveScriptsOptions = {}): LiveScripts {
  /** The one used longest ago first. */
  const scripts = new Map<string, Kept>()

  async function drop(name: string): Promise<void> {
    const known = scripts.get(name)
    if (known === undefined) return
    scripts.delete(name)
    clearTimeout(known.idle)
    await known.script.dispose()
  }

  async function dropOldest(): Promise<void> {
    const idle = [...scripts].filter(([, { busy }]) => !busy).map(([name]) => name)
    for (const name of idle.slice(0, Math.max(0, scripts.size - kept))) await drop(name)
  }

  async function keptOf(name: string, edition: string, open: () => Promise<LiveScript>): Promise<[Kept, boolean]> {
    const known = scripts.get(name)
    if (known?.edition === edition) return [known, false]
    await drop(name)
    return [{ edition, script: await open(), busy: true }, true]
  }

  return {
    async use(name, edition, open, act) {
      const [known, fresh] = await keptOf(name, edition, open)
      clearTimeout(known.idle)
      known.busy = true
      scripts.delete(name)
      scripts.set(name, known)
      try {
        const outcome = await act(known.script, fresh)
        // What has ended is told nothing any more.
        if (known.script.end !== null) await drop(name)
        return outcome
      } catch (error) {
        // How far it is, and how far its journal, is not sure any more: the next one begins from the journal.
        await drop(name)
        throw error
      } finally {
        known.busy = false
        if (scripts.get(name) === known) known.idle = setTimeout(() => void drop(name), idleMs).unref()
        await dropOldest()
      }
    },
    drop,
    size: () => scripts.size,
    close: async () => {
      for (const name of [...scripts.keys()]) await drop(name)
    },
  }
}
