/** Whether somebody is there to do what a run needs (RUN-2). */
import { inWords, quoted } from '../../config/nearest.ts'
import type { RunPlan } from '../../config/settings.ts'
import { HEARTBEAT_MS } from '../../contract/api.ts'
import type { Run, StepConfig } from '../../pipeline/model.ts'
import { rolesUsed } from '../../pipeline/roles-used.ts'
import { liveRunners, type SeenRunner } from '../../store/runners.ts'
import type { Intake } from './intake.ts'

/** A runner not heard of for so long counts as gone, in ms. */
const RUNNER_LOST_MS = 6 * HEARTBEAT_MS

/** Why nobody could do the run's jobs, and what to do; null where each of them has a runner that could. */
export type Missing = { why: string; remedy: string } | null

/** The roles that work in these steps. */
export function rolesOfSteps(steps: readonly StepConfig[]): string[] {
  return [...rolesUsed({ steps: steps.map((config) => ({ kind: config.kind, config })) })]
}

/** Which of the coding agents that the run's roles need no runner offers. */
export function missingRuntimes(
  { steps, settings }: Pick<RunPlan, 'steps' | 'settings'>,
  runners: readonly Pick<SeenRunner, 'runtimes'>[],
): Missing {
  const needed = new Map<string, string[]>()
  for (const role of rolesOfSteps(steps)) {
    const name = settings.roles[role]?.runtime.name
    if (name !== undefined) needed.set(name, [...(needed.get(name) ?? []), role])
  }
  return missingAgents(needed, runners)
}

/** Of the coding agents that are needed, each with the roles it is for, those that no runner offers. */
function missingAgents(
  needed: ReadonlyMap<string, readonly string[]>,
  runners: readonly Pick<SeenRunner, 'runtimes'>[],
): Missing {
  const offered = runners.flatMap(({ runtimes }) => runtimes)
  const missing = [...needed].filter(([name]) => !offered.some((runtime) => runtime.name === name && runtime.ready))
  if (missing.length === 0) return null
  const which = missing.map(([name, roles]) => `${quoted(name)} (for ${inWords(roles, 'and')})`)
  const reasons = missing.flatMap(([name]) => {
    const why = offered.find((runtime) => runtime.name === name && runtime.why !== undefined)?.why
    return why === undefined ? [] : [`${quoted(name)} is not ready: ${quoted(why)}.`]
  })
  const ready = [...new Set(offered.filter((runtime) => runtime.ready).map(({ name }) => quoted(name)))]
  const there = ready.length === 0 ? 'No runner offers any now.' : `Runners offer ${inWords(ready, 'and')} now.`
  return {
    why: `no runner that is up offers the coding agent ${inWords(which, 'and')}`,
    remedy: [
      ...reasons,
      there,
      'Ask who runs Switchyard to start a runner that has it, or set another one with `roles.<role>.runtime.name` in `.github/switchyard.yml`.',
    ].join(' '),
  }
}

/**
 * The same of the runners heard of lately. Just after the app began to listen nobody can have reported yet; the job then
 * waits in the queue for the first runner that does.
 */
export async function missingNow(intake: Pick<Intake, 'store' | 'startedAt'>, plan: RunPlan): Promise<Missing> {
  const runners = await runnersNow(intake)
  return runners === null ? null : missingRuntimes(plan, runners)
}

/**
 * Why a role of a run could not work with another model now: no runner that is up has its coding agent. Which models an
 * agent can reach, only a job shows.
 */
export async function unofferedNow(
  intake: Pick<Intake, 'store' | 'startedAt'>,
  run: Pick<Run, 'settings'>,
  role: string,
): Promise<Missing> {
  const settings = run.settings.roles[role]
  const runners = await runnersNow(intake)
  if (settings === undefined || runners === null) return null
  return missingAgents(new Map([[settings.runtime.name, [role]]]), runners)
}

/** The runners heard of lately; null where nobody can have reported yet. */
async function runnersNow({ store, startedAt }: Pick<Intake, 'store' | 'startedAt'>): Promise<SeenRunner[] | null> {
  const now = Date.now()
  const runners = await liveRunners(store.db, now - RUNNER_LOST_MS)
  const fresh = startedAt === undefined || now - startedAt < RUNNER_LOST_MS
  return runners.length === 0 && fresh ? null : runners
}
