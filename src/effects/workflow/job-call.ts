import { SwitchyardError } from '../../contract/failure.ts'
import type { EffectOf } from '../../pipeline/effects.ts'
import type { Run } from '../../pipeline/model.ts'
import type { Collision } from '../../pipeline/workflow.ts'
import type { JobCall } from '../../roles/job-call.ts'
import type { Db } from '../../store/db.ts'
import { getCalls, type JournalKey, type KeptBranch, type StoredCall } from '../../store/workflow-calls.ts'
import { AgentOptions, CollectOptions } from '../../workflow/call.ts'
import { isApart } from './call-end.ts'

/** The call that a job is for, from the journal; null where it is for none. */
export async function callOf(db: Db, effect: EffectOf<'enqueue-job'>, run: Run): Promise<JobCall | null> {
  if (effect.call === undefined) return null
  const { journal, index, resolves, leaves = [] } = effect.call
  const key = { run: run.id, step: effect.step, journal }
  const [call] = await getCalls(db, key, [index])
  if (call === undefined) throw new SwitchyardError({ cause: 'internal', message: `The journal has no call ${index}.` })
  const common = { journal, index, identity: call.identity }
  if (resolves !== null) {
    const prompt = `The branch ${resolves.branch} is to be merged into the work branch, and conflicts with it. Resolve the conflict so that what both sides meant holds, and commit the merge.`
    return { ...common, kind: 'resolve', prompt, collision: resolves }
  }
  if (call.kind === 'collect') {
    const branches = (await toCollect(db, key, call)).map(({ leg, branch, head }) => ({ leg, branch, head }))
    const isLeft = (one: Collision) => leaves.some(({ leg, branch }) => leg === one.leg && branch === one.branch)
    return { ...common, kind: 'collect', prompt: null, branches: branches.filter((each) => !isLeft(each)) }
  }
  const { schema, model, repositories, timeoutMs } = AgentOptions.parse(call.options)
  const apart = isApart(call)
  return { ...common, kind: 'agent', prompt: call.prompt, schema, model, apart, repositories, timeoutMs }
}

/** The branches of the calls that are to be collected, in the order in which they are named. */
export async function toCollect(db: Db, key: JournalKey, call: StoredCall): Promise<KeptBranch[]> {
  const named = CollectOptions.parse(call.options).calls
  const calls = new Map((await getCalls(db, key, named)).map((each) => [each.index, each]))
  return named.flatMap((index) => {
    const { branches, label = '' } = calls.get(index) ?? {}
    return (branches ?? []).map((branch) => ({ ...branch, label }))
  })
}
