/** Builders for the core's tests: a task over three repositories, pipelines, and runs at any point of their way. */
import { createHash } from 'node:crypto'
import { HeadSha, LegKey, RunId, StepId } from '../../../src/contract/ids.ts'
import { type Instant, type Run, StepConfig } from '../../../src/pipeline/model.ts'
import { type NewRun, newRun } from '../../../src/pipeline/new-run.ts'
import { RunSettings } from '../../../src/pipeline/run-settings.ts'
import { type Actor, Task, type Trigger } from '../../../src/pipeline/task.ts'

/** When the tests' runs are created. */
export const START: Instant = Date.parse('2026-01-05T09:00:00Z')

/** A commit id that is the same for the same words. */
export function sha(of: string | number): HeadSha {
  return HeadSha.parse(createHash('sha1').update(String(of)).digest('hex'))
}

export function stepId(id: string): StepId {
  return StepId.parse(id)
}

export function legKey(key: string): LegKey {
  return LegKey.parse(key)
}

export const API = legKey('acme__api')
export const WEB = legKey('acme__web')
export const DOCS = legKey('acme__docs')

export const ALICE: Actor = { login: 'alice', id: 1 }
export const BOB: Actor = { login: 'bob', id: 2 }

/** A command's place, another one for each n. */
export function comment(n = 1): Trigger {
  return { kind: 'comment', commentId: n, index: 0 }
}

export function aTask(change: Partial<Task> = {}): Task {
  return Task.parse({
    installationId: 1,
    repositoryId: 11,
    repository: 'acme/web',
    thread: 'issue',
    number: 7,
    url: 'https://github.com/acme/web/issues/7',
    title: 'Show the price with tax',
    body: 'The API should say the tax, and the shop show it.',
    author: 'carol',
    requestedBy: ALICE,
    ...change,
  })
}

export function someSettings(change: Partial<RunSettings> = {}): RunSettings {
  const role = { runtime: { name: 'command', command: ['true'] }, limits: {} }
  return RunSettings.parse({
    roles: { planner: role, coder: role, reviewer: role, fixer: role },
    merge: { by: 'auto', method: 'squash' },
    prefix: '/yard',
    escalateMs: 7_200_000,
    noChecksGraceMs: 90_000,
    sweepMs: 300_000,
    debounceMs: 2_000,
    // Most tests want to see a failure at once; those of the retries say so.
    retry: { cap: 0, infrastructure: 0 },
    ...change,
  })
}

/** A step as the configuration gives it. */
export function aStep(kind: string, id = kind, options: Record<string, unknown> = {}): StepConfig {
  return StepConfig.parse({ id, kind, ...options })
}

/** plan, approval, code, review (companion), ci, merge. */
export function defaultSteps(options: Record<string, Record<string, unknown>> = {}): StepConfig[] {
  return [
    aStep('plan', 'plan', options.plan),
    aStep('approval', 'approval', options.approval),
    aStep('agent', 'code', options.code),
    aStep('companion', 'review', options.review),
    // What fails is mended at once; tests of re-runs say how many they want.
    aStep('ci', 'ci', { reruns: 0, ...options.ci }),
    aStep('merge', 'merge', options.merge),
  ]
}

export const REPOSITORIES: NewRun['legs'] = [
  aLeg(WEB, 11, 'primary', 'write'),
  aLeg(API, 12, 'provider', 'write'),
  aLeg(DOCS, 13, 'reference', 'read'),
]

function aLeg(
  key: LegKey,
  repositoryId: number,
  role: 'primary' | 'provider' | 'reference',
  access: 'write' | 'read',
): NewRun['legs'][number] {
  const repository = key.replace('__', '/')
  return {
    key,
    repositoryId,
    repository,
    cloneUrl: `https://github.com/${repository}.git`,
    role,
    access,
    baseBranch: 'main',
    workBranch: 'switchyard/7-run1',
  }
}

export interface RunOptions {
  id?: string
  steps?: StepConfig[]
  settings?: Partial<RunSettings>
  legs?: NewRun['legs']
  task?: Partial<Task>
}

/** A queued run over acme/web (primary), acme/api (provider) and acme/docs (read only). */
export function aRun({
  id = 'run1',
  steps = defaultSteps(),
  settings = {},
  legs = REPOSITORIES,
  task = {},
}: RunOptions = {}): Run {
  return newRun(
    { id: RunId.parse(id), task: aTask(task), pipeline: 'test', steps, settings: someSettings(settings), legs },
    START,
  )
}
