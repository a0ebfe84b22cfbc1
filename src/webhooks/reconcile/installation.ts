/** What an installation's standing means to its live runs (ING-9): paused while suspended, stopped once it is gone. */
import type { Installation } from '../../github/repositories.ts'
import type { Run } from '../../pipeline/model.ts'
import { getRun, liveRuns } from '../../store/runs.ts'
import type { Intake } from '../handle/intake.ts'

/** Who did it; GitHub tells it only in the delivery. */
export interface Doer {
  login: string
  id: number
}
/** GitHub's stand-in for accounts that are gone: whoever it was, nobody can tell. https://github.com/ghost */
export const NOBODY: Doer = { login: 'ghost', id: 10_137 }

/** Names an event for a run, once. */
export type KeyOf = (run: Run, what: string) => string

/** How what differs is applied, in whose name, and what holds a run up only when it is certain. */
export interface Applying {
  key: KeyOf
  actor: Doer
  /** Whether it is certain enough to pause or stop a run for. A delivery that says so is, a single answer is not. */
  sure(what: string): boolean
}

/**
 * Brings the live runs of an installation to where it stands now; `standing` is null where it is gone. Gives how many
 * runs changed. A run that a person paused stays paused.
 */
export async function reconcileInstallation(
  intake: Intake,
  installationId: number,
  standing: Installation | null,
  applying: Omit<Applying, 'sure'>,
): Promise<number> {
  let changed = 0
  for (const { id } of await liveRuns(intake.store.db, { installationId })) {
    const run = await getRun(intake.store.db, id)
    if (run !== null && (await followStanding(intake, run, standing, { ...applying, sure: () => true }))) changed += 1
  }
  return changed
}

/** The same for one run; true where something changed. */
export async function followStanding(
  { engine }: Intake,
  run: Run,
  standing: Installation | null,
  { key, actor, sure }: Applying,
): Promise<boolean> {
  const { status } = run
  const by = (what: string) => ({ actor, trigger: { kind: 'github', what } }) as const
  if (standing === null) {
    if (!sure('uninstalled')) return false
    const why = 'Switchyard was uninstalled'
    await engine.apply(run.id, key(run, 'uninstalled'), { type: 'command.stop', ...by('installation deleted'), why })
    return true
  }
  if (standing.suspended && status.state !== 'paused') {
    if (!sure('suspended')) return false
    const why = 'the installation of Switchyard is suspended'
    const event = { type: 'command.pause', ...by('installation suspended'), why, cause: 'installation' } as const
    await engine.apply(run.id, key(run, 'suspended'), event)
    return true
  }
  if (!standing.suspended && status.state === 'paused' && status.cause === 'installation') {
    await engine.apply(run.id, key(run, 'unsuspended'), { type: 'command.resume', ...by('installation unsuspended') })
    return true
  }
  return false
}
