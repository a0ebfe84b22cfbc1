/** What the call of a workflow adds to its job: which repositories, which branches, which model, how long. */
import type { HeadSha, LegKey } from '../contract/ids.ts'
import type { JobLeg, JobSpec } from '../contract/job.ts'
import type { Run } from '../pipeline/model.ts'
import type { Collision } from '../pipeline/workflow.ts'

interface Common {
  journal: number
  index: number
  /** The hash of what identifies the call. */
  identity: string
  /** What the agent is told; null where none is. */
  prompt: string | null
}

/** A call, as far as its job needs to know. */
export type JobCall =
  | (Common & {
      kind: 'agent'
      schema: object | undefined
      model: string | undefined
      /** Work goes to branches of its own. */
      apart: boolean
      /** Absent: all of the run's. */
      repositories: readonly string[] | undefined
      timeoutMs: number | undefined
    })
  | (Common & { kind: 'collect'; branches: readonly { leg: LegKey; branch: string; head: HeadSha }[] })
  | (Common & { kind: 'resolve'; collision: Collision })

/** The ending of the names of a call's own branches. */
const IDENTITY_SHOWN = 6

/**
 * A branch of a call's own. It is named after what identifies the call too: one that takes its number after the script was
 * edited does not go on with its work.
 */
export function callBranch(workBranch: string, { journal, index, identity }: Common): string {
  return `${workBranch}-w${journal}-${index}-${identity.slice(0, IDENTITY_SHOWN)}`
}

/** Whether a branch is one of a call's own beside this work branch: a person's may begin like it. */
export function isCallBranch(workBranch: string, branch: string): boolean {
  return branch.startsWith(workBranch) && /^-w\d+-\d+-[0-9a-f]{6}$/.test(branch.slice(workBranch.length))
}

/** The job of a call. */
export function forCall(spec: JobSpec, run: Run, call: JobCall): JobSpec {
  const place = `w${call.journal}-${call.index}`
  switch (call.kind) {
    case 'collect': {
      const legs = spec.legs.filter(({ key }) => call.branches.some(({ leg }) => leg === key))
      return { ...spec, place, legs: legs.length === 0 ? spec.legs : legs, collect: [...call.branches], reportShape: 'result' }
    }
    case 'resolve': {
      const { leg, branch } = call.collision
      const resolving = (each: JobLeg): JobLeg => ({ ...each, access: 'read' })
      return {
        ...spec,
        place,
        legs: spec.legs.map((each) => (each.key === leg ? { ...each, baseBranch: branch } : resolving(each))),
      }
    }
    case 'agent': {
      const { schema, model, apart, repositories, timeoutMs } = call
      const legs = spec.legs
        .filter(({ repository }) => repositories === undefined || repositories.some((name) => isSame(name, repository)))
        .map((leg) => (apart && leg.access === 'write' ? onItsOwn(leg, run, call) : leg))
      return {
        ...spec,
        place,
        legs,
        ...(schema === undefined ? {} : { resultSchema: { ...schema } }),
        ...(model === undefined ? {} : { runtime: { ...spec.runtime, model } }),
        ...(timeoutMs === undefined ? {} : { limits: { ...spec.limits, durationMs: timeoutMs } }),
      }
    }
  }
}

/** Begins where the run's work stands, and pushes elsewhere. */
function onItsOwn(leg: JobLeg, { legs }: Run, call: Common): JobLeg {
  const head = legs.find(({ key }) => key === leg.key)?.head ?? null
  return { ...leg, workBranch: callBranch(leg.workBranch, call), ...(head === null ? {} : { from: head }) }
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
