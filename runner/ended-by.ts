import { constants } from 'node:os'

/** What programs die of, as against what they may say of themselves: git's 129 is a wrong option, no SIGHUP. */
const DEADLY = ['SIGKILL', 'SIGTERM', 'SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGXFSZ', 'SIGSYS'] as const

/** How a program ended: by itself with a code, or by a signal. */
export interface ProgramEnd {
  readonly exitCode: number | null
  readonly signal: string | null
}

/**
 * How a program ended, whatever stood between: bubblewrap, like a shell, ends by itself with 128 and the number of the signal
 * that ended the program.
 */
export function endedBy(exitCode: number | null, signal: string | null): ProgramEnd {
  const passedOn = signal === null && DEADLY.find((name) => exitCode === 128 + constants.signals[name])
  return passedOn ? { exitCode: null, signal: passedOn } : { exitCode, signal }
}
