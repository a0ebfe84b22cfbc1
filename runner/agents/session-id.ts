import { SwitchyardError } from '../../src/contract/failure.ts'

/** As several agents name their sessions. */
export const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * The id of the session to go on with, when it has the agent's own form: it becomes an argument and part of a file's name,
 * and it was an agent that named it. Throws a `SwitchyardError` of cause `config` when it has another.
 */
export function resumedSession(resume: string | undefined, form: RegExp): string | undefined {
  if (resume === undefined || form.test(resume)) return resume
  throw new SwitchyardError({ cause: 'config', message: `The session to go on with, "${resume}", is none of this runtime.` })
}
