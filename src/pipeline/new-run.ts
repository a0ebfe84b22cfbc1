import type { RunId } from '../contract/ids.ts'
import { stepKind } from './definitions.ts'
import type { Instant, Leg, Run, StepConfig } from './model.ts'
import type { RunSettings } from './run-settings.ts'
import type { Task } from './task.ts'

/** What a new run is made from. The pipeline was checked by `checkPipeline`. */
export interface NewRun {
  id: RunId
  task: Task
  pipeline: string
  steps: readonly StepConfig[]
  settings: RunSettings
  /** One that adopts a pull request has it, and its head. */
  legs: readonly (Pick<
    Leg,
    'key' | 'repositoryId' | 'repository' | 'cloneUrl' | 'role' | 'access' | 'directory' | 'baseBranch' | 'workBranch'
  > &
    Partial<Pick<Leg, 'head' | 'pull'>>)[]
}

const ROLE_RANK = { provider: 0, primary: 1, consumer: 2, reference: 3 } as const

/** A run in state `queued`, with every step pending and every leg untouched. */
export function newRun({ id, task, pipeline, steps, settings, legs }: NewRun, now: Instant): Run {
  return {
    id,
    version: 0,
    task,
    pipeline,
    settings,
    status: { state: 'queued' },
    steps: steps.map((config) => ({
      id: config.id,
      kind: config.kind,
      config,
      status: config.enabled
        ? { state: 'pending' }
        : { state: 'skipped', by: 'switchyard', why: 'switched off in the configuration' },
      epoch: 0,
      data: stepKind(config.kind).initial(config),
      output: null,
      feedback: [],
      startedAt: null,
      endedAt: null,
      spentMs: 0,
      usage: {},
      retries: { own: 0, infrastructure: 0 },
      question: null,
    })),
    legs: legs.map((leg) => ({
      ...leg,
      planned: leg.access === 'write',
      base: null,
      head: leg.head ?? null,
      changedFiles: 0,
      pull: leg.pull ?? null,
      checkedSha: null,
      reviewedSha: null,
      mergedSha: null,
      changes: null,
      dropped: false,
      revert: null,
    })),
    mergeOrder: legs.toSorted((a, b) => ROLE_RANK[a.role] - ROLE_RANK[b.role]).map(({ key }) => key),
    decisions: [],
    followUps: [],
    createdAt: now,
    admittedAt: null,
    endedAt: null,
  }
}
