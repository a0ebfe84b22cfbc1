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

/** Starts a program, lets it be for so long after it is ready, and gives its memory. */
export async function memoryOf(name: ProgramName, env: Record<string, string>, settleMs: number): Promise<Memory> {
  // As `npm run` starts it: with code compiled at an earlier start it would hold some 30 MiB less.
  const program = startProgram(name, { ...env, NODE_DISABLE_COMPILE_CACHE: '1' })
  try {
    while (!program.ready()) {
      if (program.ended() !== null) throw new Error(`${name} ended: ${program.lines.slice(-5).join('\n')}`)
      await sleep(LOOK_MS)
    }
    await sleep(settleMs)
    return await memoryOfProcess(program.pid)
  } finally {
    program.signal('SIGKILL')
    await program.exited
  }
}

/** What the kernel says of a process: proc(5), `/proc/PID/status`. */
export async function memoryOfProcess(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const of = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) / KIB_PER_MIB
  return { settled: of('VmRSS'), peak: of('VmHWM') }
}
