/**
 * Lets a workflow's script go on (WF-3). What its calls came to is written into the journal first; then the script is told,
 * one settlement after the other, in the order in which the journal has them; then what it asks for is written down. Every
 * part is found again by a second execution, which ends in the same answer: a script knows nothing but what it is told.
 */
import { crashPoint } from '../contract/crash-point.ts'
import { SwitchyardError } from '../contract/failure.ts'
import type { EffectHandler } from '../engine/effects.ts'
import type { Run, Step } from '../pipeline/model.ts'
import { WorkflowConfig, workingOf } from '../pipeline/steps/workflow-data.ts'
import type { Store } from '../store/store.ts'
import { dropCallsFrom, entriesAfter, type JournalKey, readEntries, takeBackFailures } from '../store/workflow-calls.ts'
import { readScripts, scriptHash } from '../store/workflow-scripts.ts'
import type { WorkflowInterpreter } from '../workflow/progress.ts'
import { budgetOf } from './workflow/budget.ts'
import { journalEnds } from './workflow/journal-ends.ts'
import { keepCalls } from './workflow/keep-calls.ts'
import { type LiveScript, startScript } from './workflow/live-script.ts'
import type { LiveScripts } from './workflow/live-scripts.ts'
import { replayScript } from './workflow/replay-script.ts'
import { advancedEvent } from './workflow/script-answer.ts'

/** Opens an interpreter for a script that has not begun. */
export type OpenScript = (script: {
  source: string
  name: string
  args: Record<string, unknown>
  /** The other scripts of the repository, which it can have run. */
  workflows: Readonly<Record<string, string>>
  budget: ReturnType<typeof budgetOf>
}) => Promise<WorkflowInterpreter>

export interface AdvanceDependencies {
  store: Store
  liveScripts: LiveScripts
  openScript: OpenScript
  /** The roles that there are. */
  knownRoles: ReadonlySet<string>
  /** Calls of one workflow that work at the same time; left out: as many as there may be. */
  callsAtOnce?: number
  now(): number
}

export function advanceWorkflow(dependencies: AdvanceDependencies): EffectHandler<'advance-workflow'> {
  return async (effect, run) => {
    const step = run.steps.find(({ id }) => id === effect.step)
    const data = step === undefined ? null : workingOf(step)
    if (step === undefined || data === null) return null
    const { store, liveScripts, now } = dependencies
    const key: JournalKey = { run: run.id, step: step.id, journal: effect.journal }
    const name = `${run.id}-${step.id}-${effect.journal}`
    if (effect.again) await liveScripts.drop(name)
    await journalEnds(store.db, key, run, effect, now())
    crashPoint('calls-journaled')
    if (effect.again) await store.db.transaction((tx) => takeBackFailures(tx, key))
    const edition = scriptHash(JSON.stringify([data.session, run.settings.workflows ?? {}]))
    const open = () => openFor(dependencies, run, step)
    return liveScripts.use(name, edition, open, async (script, fresh) => {
      const replayed = fresh ? await replay(store, key, script) : await catchUp(store, key, script)
      await keepCalls(dependencies, key, run, data, script)
      crashPoint('script-advanced')
      return advancedEvent({ effect, data, script, replayed: effect.again ? replayed : null, atOnce: dependencies.callsAtOnce })
    })
  }
}

/** The run's script, which has begun and was told of nothing. */
async function openFor({ store, openScript }: AdvanceDependencies, run: Run, step: Step): Promise<LiveScript> {
  const config = WorkflowConfig.parse(step.config)
  const sources = await readScripts(store.db, run.settings.workflows ?? {})
  const source = sources[config.workflow]
  if (source === undefined) {
    const message = `There is no script \`${config.workflow}.js\` among those that the run was started with.`
    throw new SwitchyardError({ cause: 'config', message })
  }
  const interpreter = await openScript({
    source,
    name: config.workflow,
    args: config.args,
    workflows: sources,
    budget: budgetOf(run),
  })
  return startScript(interpreter)
}

/** Tells a script that knows nothing of everything in the journal. Gives of how many calls it was told. */
async function replay({ db }: Store, key: JournalKey, script: LiveScript): Promise<number> {
  const journal = await readEntries(db, key)
  const { liveFrom, told } = await replayScript(script, journal)
  script.replayed()
  // What failed may have failed here only, or be mended: the journal stays as it was for whoever goes on with it.
  const failed = script.end?.state === 'failed'
  // Was the script edited, then what was asked for from its first other call on is none of its own.
  const kept = failed ? script.calls.length : Math.min(liveFrom ?? journal.length, journal.length, script.calls.length)
  if (!failed && kept < journal.length) await dropCallsFrom(db, key, kept)
  script.keep(kept)
  return told
}

/** Tells a script that is at work of what was settled since, by this process or another. */
async function catchUp({ db }: Store, key: JournalKey, script: LiveScript): Promise<number> {
  const { told } = await replayScript(script, await entriesAfter(db, key, script.told))
  return told
}
