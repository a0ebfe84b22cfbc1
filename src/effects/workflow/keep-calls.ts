import type { Run } from '../../pipeline/model.ts'
import type { Working } from '../../pipeline/steps/workflow-data.ts'
import { addCalls, entriesAfter, type JournalKey, settleCalls } from '../../store/workflow-calls.ts'
import type { AdvanceDependencies } from '../advance-workflow.ts'
import { budgetOf } from './budget.ts'
import type { LiveScript } from './live-script.ts'
import { checkAsked, impossible } from './possible.ts'
import { replayScript } from './replay-script.ts'

type Dependencies = Pick<AdvanceDependencies, 'store' | 'knownRoles' | 'now'>

/**
 * Writes down what a script has asked for since. Calls that cannot be done as they are asked for end before they begin, and the
 * script goes on with that (WF-4), and may ask for more. Those of an earlier moment that have not begun are looked at again:
 * what can be written to may have changed.
 * @throws SwitchyardError with the cause `config` for a slip in the script
 */
export async function keepCalls(
  { store, knownRoles, now }: Dependencies,
  key: JournalKey,
  run: Run,
  data: Working,
  script: LiveScript,
): Promise<void> {
  const begun = new Set(data.calls.map(({ index }) => index))
  for (let looked = 0; ; looked = script.kept) {
    const fresh = script.calls.slice(script.kept).map(({ call, after }) => ({ ...call, after }))
    await addCalls(store.db, key, fresh, now())
    script.keep(script.calls.length)
    if (script.end !== null) return
    const ends = [...script.open.values()].flatMap((call) => {
      if (call.index < looked || begun.has(call.index)) return []
      checkAsked(call, run, knownRoles)
      const why = impossible(call, run)
      return why === null ? [] : [{ ...NOTHING, branches: [], index: call.index, why, budget: budgetOf(run) }]
    })
    if (ends.length === 0) return
    await settleCalls(store.db, key, ends, now())
    await replayScript(script, await entriesAfter(store.db, key, script.told))
  }
}

const NOTHING = { state: 'failed', result: null, costUsd: null } as const
