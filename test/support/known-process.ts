/**
 * Processes that said who they are. An agent may have a process namespace of its own: by its number alone it is nobody out here,
 * or somebody else.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'

const NAMESPACE = '/proc/self/ns/pid'

/** Shell that prints who this is: `$$`, or `$PPID`. */
export const saysWho = (variable: '$$' | '$PPID'): string => `echo ${variable} $(readlink ${NAMESPACE})`

/** Who a process of this number is, in the namespace of the one that asks. */
export function whoIs(pid: number): string {
  return existsSync(NAMESPACE) ? `${pid} ${readlinkSync(NAMESPACE)}` : String(pid)
}

/** Those who said so in a file, one a line, oldest first. */
export function whoSaid(file: string): string[] {
  return existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.trim() !== '')
    : []
}

export function isAlive(who: string): boolean {
  const [pid = '', namespace = ''] = who.trim().split(' ')
  if (namespace !== '') return readdirSync('/proc').some((entry) => /^\d+$/.test(entry) && isThe(entry, pid, namespace))
  try {
    process.kill(Number(pid), 0)
    return true
  } catch {
    return false
  }
}

function isThe(entry: string, pid: string, namespace: string): boolean {
  try {
    if (readlinkSync(`/proc/${entry}/ns/pid`) !== namespace) return false
    // The last number is the one that it has in the innermost namespace, which is its own.
    return /^NSpid:.*?(\d+)$/m.exec(readFileSync(`/proc/${entry}/status`, 'utf8'))?.[1] === pid
  } catch {
    return false
  }
}
