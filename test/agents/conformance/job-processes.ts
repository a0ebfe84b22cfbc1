/** The processes of a job as this machine sees them, inside its sandbox as they are: by the home that they were given. */
import { readdirSync, readFileSync } from 'node:fs'
import { processesMarked } from '../../../runner/watch/process-tree.ts'

/** All processes that have this home. */
export function processesIn(home: string): number[] {
  return processesMarked('HOME', home)
}

/** The agent: the child of the sandbox's first program, which has nobody of the job's above it. */
export function agentIn(home: string): number {
  const all = new Set(processesIn(home))
  const agent = [...all].find((pid) => all.has(parentOf(pid)) && !all.has(parentOf(parentOf(pid))))
  if (agent === undefined) throw new Error('the agent has no process')
  return agent
}

/** Whether a program with exactly this argument runs. */
export function isRunningWith(argument: string): boolean {
  return readdirSync('/proc').some(
    (name) => /^\d+$/.test(name) && readOrEmpty(`/proc/${name}/cmdline`).split('\0').includes(argument),
  )
}

function parentOf(pid: number): number {
  return Number(readOrEmpty(`/proc/${pid}/stat`).split(') ')[1]?.split(' ')[1] ?? 0)
}

/** Empty for a process that has just ended. */
function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
