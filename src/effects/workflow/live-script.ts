import type { WorkflowCall } from '../../workflow/call.ts'
import type { LogLine, ScriptEnd, Settled, Stand, WorkflowInterpreter } from '../../workflow/progress.ts'

/** How a call ended, and its place in the journal. */
export interface Ending extends Settled {
  position: number
  state: 'done' | 'failed'
}

/** A call, with the place in the journal up to which the script had been told when it made it. */
export interface LiveCall {
  call: WorkflowCall
  after: number
}

/** A script at work, and all that it has said so far: what stands in its journal needs not be read again. */
export interface LiveScript {
  /** The place in the journal up to which it was told. */
  readonly told: number
  /** Every call that it made, by its index. */
  readonly calls: readonly LiveCall[]
  /** Calls that it was told nothing of yet, in the order of their indices. */
  readonly open: ReadonlyMap<number, WorkflowCall>
  /** Calls of which it was told that nothing came of them. */
  readonly failed: ReadonlySet<number>
  readonly log: readonly LogLine[]
  /** Lines that it had written when the journal had been told. */
  readonly logAtReplay: number
  readonly end: ScriptEnd | null
  /** So many of its calls, from the first, are in the journal and looked at. */
  readonly kept: number
  /** Tells it of what ended, in this order, as far as its calls are those that are `known` by their identities. */
  tell(endings: readonly Ending[], known?: readonly (string | undefined)[]): Promise<Replayed>
  /** What the journal had is told: what it writes from here on is new. */
  replayed(): void
  keep(calls: number): void
  dispose(): Promise<void>
}

/** What came of telling a script what a journal has. */
export interface Replayed {
  /** The first call that the script makes otherwise than the journal has it; null: there is none. */
  liveFrom: number | null
  /** Endings that it was told of. */
  told: number
}

function endOf(stand: Stand): ScriptEnd | null {
  switch (stand.state) {
    case 'waiting':
      return null
    case 'done':
      return { state: 'done', result: stand.result }
    case 'failed':
      return { state: 'failed', failure: stand.failure }
  }
}

/** Starts a script from nothing. */
export async function startScript(interpreter: WorkflowInterpreter): Promise<LiveScript> {
  const calls: LiveCall[] = []
  const open = new Map<number, WorkflowCall>()
  const failed = new Set<number>()
  const log: LogLine[] = []
  let told = 0
  let logAtReplay = 0
  let kept = 0
  let end: ScriptEnd | null = null

  function add(made: LiveCall): void {
    calls.push(made)
    open.set(made.call.index, made.call)
  }

  const first = await interpreter.start()
  for (const call of first.calls) add({ call, after: 0 })
  log.push(...first.log)
  end = endOf(first)

  return {
    get told() {
      return told
    },
    calls,
    open,
    failed,
    log,
    get logAtReplay() {
      return logAtReplay
    },
    get end() {
      return end
    },
    get kept() {
      return kept
    },
    async tell(endings, known = []) {
      const plain = endings.map(({ position: _position, state: _state, ...settled }) => settled)
      const { liveFrom, heard, ...said } = await interpreter.tell({ endings: plain, known })
      for (const { call, after } of said.calls) add({ call, after: endings[after]?.position ?? told })
      for (const place of heard) {
        const ending = endings[place]
        if (ending === undefined) continue
        told = ending.position
        open.delete(ending.index)
        if (ending.state === 'failed') failed.add(ending.index)
      }
      log.push(...said.log)
      end ??= endOf(said)
      return { liveFrom, told: heard.length }
    },
    replayed: () => {
      logAtReplay = log.length
    },
    keep: (count) => {
      kept = count
    },
    dispose: () => interpreter.dispose(),
  }
}
