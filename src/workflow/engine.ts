import { readFile } from 'node:fs/promises'
import { EvalFlags, Intrinsics, type JSValueHandle, QuickJS } from 'quickjs-wasi'
import type { WorkflowLimits } from './limits.ts'

/** The interpreter as it is loaded once: compiled, and what runs in it before a script. */
export interface Engine {
  wasm: WebAssembly.Module
  guest: Record<GuestFile, string>
}

/** What runs inside before a script, in this order. */
type GuestFile = 'words' | 'kit' | 'driver' | 'harden'

/** Reads and compiles the interpreter (about 25 ms). */
export async function loadEngine(): Promise<Engine> {
  const guestSource = (file: GuestFile) => readFile(new URL(`guest/${file}.js`, import.meta.url), 'utf8')
  const [wasm, words, kit, driver, harden] = await Promise.all([
    readFile(new URL(import.meta.resolve('quickjs-wasi/quickjs.wasm'))),
    guestSource('words'),
    guestSource('kit'),
    guestSource('driver'),
    guestSource('harden'),
  ])
  return { wasm: await WebAssembly.compile(wasm), guest: { words, kit, driver, harden } }
}

/** The script used more steps than it may. Thrown through the interpreter, which is of no use afterwards. */
export class StepsUsedUp extends Error {}

/** QuickJS asks the host so rarely, in function calls, turns of loops and steps of regular expressions. */
const STEPS_PER_QUESTION = 10_000

const WITHOUT = Intrinsics.DATE | Intrinsics.WEAK_REF | Intrinsics.PERFORMANCE | Intrinsics.DOM_EXCEPTION | Intrinsics.ATOB_BTOA

const ERRNO_SUCCESS = 0
const ERRNO_BADF = 8

/** What the host turns the script with; see `guest/driver.js`. */
type Turn = 'begin' | 'settle' | 'loaded' | 'take' | 'describe'

export interface Machine {
  vm: QuickJS
  /** Calls the driver inside. What it gives is the caller's to dispose of. */
  drive(turn: Turn, ...given: JSValueHandle[]): JSValueHandle
}

export interface MachineOptions {
  engine: Engine
  limits: WorkflowLimits
  /** What `createDriver` takes, as JSON. */
  setup: string
  onRejection(promise: JSValueHandle, reason: JSValueHandle, isHandled: boolean): void
}

/**
 * An interpreter of its own memory, without clock, chance, files and network: what WebAssembly imports of the world is
 * answered with zeros, and no function of the host can be reached from inside.
 */
export async function startMachine({ engine, limits, setup, onRejection }: MachineOptions): Promise<Machine> {
  let questions = 0
  const vm = await QuickJS.create({
    wasm: engine.wasm,
    memoryLimit: limits.memoryBytes,
    maxStackSize: limits.stackBytes,
    timezoneOffset: 0,
    intrinsics: Intrinsics.ALL & ~WITHOUT,
    wasi: zeros,
    // An import is refused when the script is read; a dynamic one loads this, so that the error is the script's own.
    moduleLoader: { load: () => 'throw new Error("A workflow imports nothing.")' },
    onUnhandledRejection: onRejection,
    interruptHandler() {
      questions += 1
      if (questions * STEPS_PER_QUESTION > limits.steps) throw new StepsUsedUp()
      return false
    },
  })
  const load = (file: GuestFile) => exportsOf(vm, engine.guest[file], file)
  const words = await load('words')
  const kit = await load('kit')
  const given = vm.newString(setup)
  const createDriver = (await load('driver')).getProp('createDriver')
  const driver = vm.callFunction(createDriver, vm.undefined, given, words, kit)
  const harden = (await load('harden')).getProp('harden')
  vm.callFunction(harden, vm.undefined, driver.getProp('die')).dispose()
  const turns = new Map<Turn, JSValueHandle>()
  return {
    vm,
    drive(turn, ...given) {
      const known = turns.get(turn) ?? driver.getProp(turn)
      turns.set(turn, known)
      return vm.callFunction(known, driver, ...given)
    },
  }
}

/** A file's exports. Its name begins as no script's can, so that its frames in a stack are known. */
async function exportsOf(vm: QuickJS, source: string, file: GuestFile): Promise<JSValueHandle> {
  const promise = vm.evalCode(source, `~${file}.js`, EvalFlags.TYPE_MODULE)
  vm.executePendingJobs()
  const loaded = await vm.resolvePromise(promise)
  if ('value' in loaded) return loaded.value
  throw new Error(`${file}: ${loaded.error.toString()}`)
}

function zeros(memory: WebAssembly.Memory) {
  return {
    clock_time_get(_clock: number, _precision: bigint, at: number): number {
      new DataView(memory.buffer).setBigUint64(at, 0n, true)
      return ERRNO_SUCCESS
    },
    random_get(at: number, length: number): number {
      new Uint8Array(memory.buffer, at, length).fill(0)
      return ERRNO_SUCCESS
    },
    fd_write: () => ERRNO_BADF,
  }
}
