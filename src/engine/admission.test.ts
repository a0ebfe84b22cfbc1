import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RunId } from '../contract/ids.ts'
import type { ActiveCounts, QueuedRun } from '../store/admission.ts'
import { admissible } from './admission.ts'

const none: ActiveCounts = { total: 0, installations: new Map(), repositories: new Map(), requesters: new Map() }
const generous = { deployment: 100, installation: 100, repository: 100, person: 100 }

function queued(id: string, change: Partial<QueuedRun> = {}): QueuedRun {
  return { id: RunId.parse(id), installationId: 1, repositoryId: 1, requesterId: 1, priority: false, createdAt: 0, ...change }
}

const someQueue = fc
  .array(
    fc.record({
      installationId: fc.integer({ min: 1, max: 2 }),
      repositoryId: fc.integer({ min: 1, max: 4 }),
      requesterId: fc.integer({ min: 1, max: 3 }),
      priority: fc.boolean(),
      createdAt: fc.nat(50),
    }),
    { maxLength: 30 },
  )
  .map((runs) => runs.map((run, index) => queued(`run${index}`, run)))
const someLimits = fc.record({
  deployment: fc.integer({ min: 1, max: 12 }),
  installation: fc.integer({ min: 1, max: 10 }),
  repository: fc.integer({ min: 1, max: 4 }),
  person: fc.integer({ min: 1, max: 4 }),
})

function most(runs: readonly QueuedRun[], by: (run: QueuedRun) => number): number {
  const counts = new Map<number, number>()
  for (const run of runs) counts.set(by(run), (counts.get(by(run)) ?? 0) + 1)
  return Math.max(0, ...counts.values())
}

describe('admission [RUN-3]', () => {
  test('no limit is ever passed, and nobody waits who would fit', () => {
    fc.assert(
      fc.property(someQueue, someLimits, (queue, limits) => {
        const ids = admissible(queue, none, limits)
        const admitted = queue.filter((run) => ids.includes(run.id))
        expect(admitted.length).toBeLessThanOrEqual(limits.deployment)
        expect(most(admitted, (run) => run.installationId)).toBeLessThanOrEqual(limits.installation)
        expect(most(admitted, (run) => run.repositoryId)).toBeLessThanOrEqual(limits.repository)
        expect(most(admitted, (run) => run.requesterId)).toBeLessThanOrEqual(limits.person)
        const fits = (run: QueuedRun) =>
          admitted.length < limits.deployment &&
          admitted.filter((one) => one.installationId === run.installationId).length < limits.installation &&
          admitted.filter((one) => one.repositoryId === run.repositoryId).length < limits.repository &&
          admitted.filter((one) => one.requesterId === run.requesterId).length < limits.person
        expect(queue.filter((run) => !ids.includes(run.id)).filter(fits)).toEqual([])
      }),
    )
  })

  test('the oldest of a repository goes first, unless another has priority', () => {
    const queue = [
      queued('late', { createdAt: 2 }),
      queued('early', { createdAt: 1 }),
      queued('urgent', { createdAt: 3, priority: true }),
    ]
    expect(admissible(queue, none, { ...generous, repository: 2 })).toEqual(['urgent', 'early'])
  })

  test('a repository with a long queue does not keep the others out', () => {
    const long = Array.from({ length: 20 }, (_, index) => queued(`long${index}`, { repositoryId: 1, createdAt: index }))
    const other = queued('other', { repositoryId: 2, createdAt: 99 })
    expect(admissible([...long, other], none, { ...generous, deployment: 2 })).toEqual(['long0', 'other'])
  })

  test('what is active already counts', () => {
    const active = { ...none, total: 1, repositories: new Map([[1, 1]]) }
    expect(admissible([queued('same'), queued('else', { repositoryId: 2 })], active, { ...generous, repository: 1 })).toEqual([
      'else',
    ])
  })
})
