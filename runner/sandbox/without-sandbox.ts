import { SwitchyardError } from '../../src/contract/failure.ts'

/** The failure of a job that may not be done without a sandbox, where there is none. */
export function withoutSandbox(why: string): SwitchyardError {
  const message = `There is no sandbox for this job, and it is not done without one: ${why}`
  return new SwitchyardError({ cause: 'config', message: message.slice(0, 2_000) })
}
