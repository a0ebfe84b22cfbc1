/** Whole programs for the bench: started, watched until they are ready, their memory read, killed. */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ProgramName, startProgram } from '../faults/programs.ts'

/** Between two looks, in ms. */
const LOOK_MS = 50
const KIB_PER_MIB = 1_024

export interface Memory {
  /** Resident, in MiB: when it had settled, and the most it ever had. */
  settled: number
  peak: number
}

/**
 * Starts a program, lets it be for so long after it is ready, and gives its memory: at its second start, since `npm run`
 * keeps compiled code from the first on. The very first one takes some 30 MiB more.
 */
export async function memoryOf(name: ProgramName, env: Record<string, string>, settleMs: number): Promise<Memory> {
  // Compiled code is written down by a program that ends by itself.
  await whileReady(name, env, 'SIGTERM', async () => undefined)
  return whileReady(name, env, 'SIGKILL', async (pid) => {
    await sleep(settleMs)
    return memoryOfProcess(pid)
  })
}

async function whileReady<T>(
  name: ProgramName,
  env: Record<string, string>,
  signal: NodeJS.Signals,
  act: (pid: number) => Promise<T>,
): Promise<T> {
  const program = startProgram(name, env)
  try {
    while (!program.ready()) {
      if (program.ended() !== null) throw new Error(`${name} ended: ${program.lines.slice(-5).join('\n')}`)
      await sleep(LOOK_MS)
    }
    return await act(program.pid)
  } finally {
    program.signal(signal)
    await program.exited
  }
}

/** What the kernel says of a process: proc(5), `/proc/PID/status`. */
export async function memoryOfProcess(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const of = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) / KIB_PER_MIB
  return { settled: of('VmRSS'), peak: of('VmHWM') }
}
