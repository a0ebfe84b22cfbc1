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
import {
  addCalls,
  dropCallsFrom,
  type JournalKey,
  readJournal,
  type StoredCall,
  settleCall,
  takeBackFailures,
} from '../store/workflow-calls.ts'
import { readScripts, scriptHash } from '../store/workflow-scripts.ts'
import type { WorkflowInterpreter } from '../workflow/progress.ts'
import { budgetOf } from './workflow/budget.ts'
import { journalEnds } from './workflow/journal-ends.ts'
import { type LiveScript, type LiveScripts, startScript } from './workflow/live-scripts.ts'
import { checkAsked, impossible } from './workflow/possible.ts'
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
    const { script, replayed } = await scriptAt(dependencies, key, { name, session: data.session }, run, step)
    await settleImpossible(dependencies, key, run, script)
    crashPoint('script-advanced')
    const journal = await readJournal(store.db, key)
    return advancedEvent({ effect, data, script, journal, replayed: effect.again ? replayed : null })
  }
}

/** The script, told of everything in the journal, and its calls written down there. */
async function scriptAt(
  dependencies: AdvanceDependencies,
  key: JournalKey,
  { name, session }: { name: string; session: number },
  run: Run,
  step: Step,
): Promise<{ script: LiveScript; replayed: number }> {
  const { store, liveScripts, openScript } = dependencies
  const config = WorkflowConfig.parse(step.config)
  const hashes = run.settings.workflows ?? {}
  const sources = await readScripts(store.db, hashes)
  const source = sources[config.workflow]
  if (source === undefined) {
    const message = `There is no script \`${config.workflow}.js\` among those that the run was started with.`
    throw new SwitchyardError({ cause: 'config', message })
  }
  const edition = scriptHash(JSON.stringify([session, hashes]))
  const journal = await readJournal(store.db, key)
  const known = liveScripts.get(name, edition)
  const settled = journal.filter(({ position }) => position !== null).length
  if (known !== null) {
    await replayScript(known, journal)
    await writeDown(dependencies, key, known, journal)
    return { script: known, replayed: settled }
  }
  const interpreter = await openScript({
    source,
    name: config.workflow,
    args: config.args,
    workflows: sources,
    budget: budgetOf(run),
  })
  const script = await startScript(interpreter)
  await liveScripts.put(name, edition, script, interpreter)
  const { liveFrom, told } = await replayScript(script, journal)
  script.replayed()
  if (liveFrom !== null) {
    // The script was edited: from its first other call on, what was done before is none of its own.
    await dropCallsFrom(store.db, key, liveFrom)
  }
  await writeDown(dependencies, key, script, liveFrom === null ? journal : journal.filter(({ index }) => index < liveFrom))
  return { script, replayed: told }
}

/** Calls that are not in the journal yet. */
async function writeDown(
  { store, now }: AdvanceDependencies,
  key: JournalKey,
  script: LiveScript,
  journal: readonly StoredCall[],
): Promise<void> {
  const known = new Set(journal.map(({ index }) => index))
  const fresh = script.calls.filter(({ call }) => !known.has(call.index))
  const groups = new Map<number, typeof fresh>()
  for (const each of fresh) groups.set(each.after, [...(groups.get(each.after) ?? []), each])
  for (const [after, calls] of groups) {
    await addCalls(
      store.db,
      key,
      calls.map(({ call }) => call),
      after,
      now(),
    )
  }
}

/** Calls that cannot be done as they are asked for end before they begin, and the script goes on with that (WF-4). */
async function settleImpossible(
  dependencies: AdvanceDependencies,
  key: JournalKey,
  run: Run,
  script: LiveScript,
): Promise<void> {
  const { store, knownRoles, now } = dependencies
  for (;;) {
    const journal = await readJournal(store.db, key)
    const ends = journal.flatMap((call) => {
      if (call.state !== 'asked' || call.job !== null) return []
      checkAsked(call, run, knownRoles)
      const why = impossible(call, run)
      return why === null ? [] : [{ index: call.index, why }]
    })
    if (ends.length === 0 || script.end !== null) return
    for (const { index, why } of ends) {
      const nothing = { result: null, branches: [], costUsd: null }
      await settleCall(store.db, key, index, { ...nothing, state: 'failed', why, budget: budgetOf(run) }, now())
    }
    await replayScript(script, await readJournal(store.db, key))
    await writeDown(dependencies, key, script, journal)
  }
}
