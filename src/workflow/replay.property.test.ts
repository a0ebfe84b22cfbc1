import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openHere } from '../../test/workflow/scripts.ts'
import type { WorkflowCall } from './call.ts'
import type { JournalEntry, Progress } from './progress.ts'
import { replay } from './replay.ts'

/** A script made of agents, one after another, at once, and in pipelines; what each is asked depends on what came before. */
type Shape =
  | { kind: 'agent' }
  | { kind: 'sequence'; parts: Shape[] }
  | { kind: 'parallel'; parts: Shape[] }
  | { kind: 'pipeline'; items: number; stages: number }

const shapes = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constant<Shape>({ kind: 'agent' }),
    fc.record({ kind: fc.constant('sequence' as const), parts: fc.array(tie('shape'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ kind: fc.constant('parallel' as const), parts: fc.array(tie('shape'), { minLength: 1, maxLength: 3 }) }),
    fc.record({
      kind: fc.constant('pipeline' as const),
      items: fc.integer({ min: 1, max: 3 }),
      stages: fc.integer({ min: 1, max: 3 }),
    }),
  ),
})).shape

const AGENT =
  "async (last) => { log('asked after ' + JSON.stringify(last)); return agent('go on from ' + JSON.stringify(last)) }"

function functionOf(shape: Shape): string {
  switch (shape.kind) {
    case 'agent':
      return AGENT
    case 'sequence':
      return `async (last) => { for (const part of [${shape.parts.map(functionOf)}]) last = await part(last); return last }`
    case 'parallel':
      return `async (last) => parallel([${shape.parts.map(functionOf)}].map((part, index) => () => part([last, index])))`
    case 'pipeline':
      return `async (last) => pipeline(Array.from({ length: ${shape.items} }, (_, index) => [last, index]), ${Array.from({ length: shape.stages }, () => AGENT)})`
  }
}

/** Which waiting call ends next, and how: one number each, taken again from the start when they are used up. */
const endings = fc.array(fc.record({ which: fc.nat(20), fails: fc.boolean() }), { minLength: 1, maxLength: 20 })

type Asked = Pick<WorkflowCall, 'index' | 'identity'>

interface Recorded {
  journal: JournalEntry[]
  /** What waited after so many settlements. */
  waiting: Asked[][]
  end: Progress
  log: string[]
}

async function record(body: string, choices: readonly { which: number; fails: boolean }[]): Promise<Recorded> {
  const interpreter = await openHere(body)
  let end = await interpreter.start()
  let left: Asked[] = askedIn(end)
  const recorded: Recorded = { journal: [], waiting: [left], end, log: end.log.map(({ message }) => message) }
  while (left.length > 0) {
    const turn = recorded.journal.length
    const choice = choices[turn % choices.length]
    const call = left[(choice?.which ?? 0) % left.length]
    if (call === undefined) break
    const result = choice?.fails ? null : { from: call.index }
    recorded.journal.push({ ...call, result, budget: { total: 10, spent: turn } })
    end = await interpreter.settle([{ index: call.index, result, budget: { total: 10, spent: turn } }])
    left = [...left.filter(({ index }) => index !== call.index), ...askedIn(end)]
    recorded.waiting.push(left)
    recorded.log.push(...end.log.map(({ message }) => message))
  }
  await interpreter.dispose()
  return { ...recorded, end }
}

function askedIn({ calls }: Pick<Progress, 'calls'>): Asked[] {
  return calls.map(({ index, identity }) => ({ index, identity }))
}

const scripts = fc.record({ body: shapes.map((shape) => `return (${functionOf(shape)})('the start')`), choices: endings })

test('[WF-3] a script that is told any beginning of what it was told asks for what it asked for then', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, fc.nat(), async ({ body, choices }, cut) => {
      const { journal, waiting, end, log } = await record(body, choices)
      const length = cut % (journal.length + 1)
      const interpreter = await openHere(body)
      const replayed = await replay(interpreter, journal.slice(0, length))
      await interpreter.dispose()
      expect({ replayed: replayed.replayed, liveFrom: replayed.liveFrom }).toEqual({ replayed: length, liveFrom: null })
      expect(askedIn(replayed.progress)).toEqual(waiting[length]?.toSorted((a, b) => a.index - b.index))
      if (length < journal.length) return
      expect({ ...replayed.progress, log: [] }).toEqual({ ...end, calls: [], log: [] })
      expect(replayed.progress.log.map(({ message }) => message)).toEqual(log)
    }),
    { numRuns: 30 },
  )
})

test('[WF-3] in the order recorded, indices are the same whether a script is told one by one or in lots', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, fc.integer({ min: 2, max: 5 }), async ({ body, choices }, lot) => {
      const { journal, end } = await record(body, choices)
      const interpreter = await openHere(body)
      const asked = new Map(askedIn(await interpreter.start()).map((call) => [call.index, call.identity]))
      let last: Progress | null = null
      for (let from = 0; from < journal.length; from += 1) {
        // Only what is waited for before the lot can be in it.
        const some = journal.slice(from, from + lot)
        const known = some.findIndex(({ index }) => !asked.has(index))
        const entries = known === -1 ? some : some.slice(0, Math.max(1, known))
        last = await interpreter.settle(
          entries.map(({ index, result, budget }) => ({ index, result, ...(budget && { budget }) })),
        )
        for (const call of askedIn(last)) asked.set(call.index, call.identity)
        from += entries.length - 1
      }
      await interpreter.dispose()
      expect(Object.fromEntries(asked)).toEqual(Object.fromEntries(journal.map(({ index, identity }) => [index, identity])))
      expect({ ...last, log: [] }).toEqual({ ...end, log: [] })
    }),
    { numRuns: 20 },
  )
})

test('[WF-3] where the journal says that one call was another, only calls before it are replayed', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, fc.nat(), async ({ body, choices }, which) => {
      const { journal } = await record(body, choices)
      const changed = which % journal.length
      const edited = journal.map((entry) => (entry.index === changed ? { ...entry, identity: 'another' } : entry))
      const interpreter = await openHere(body)
      const { kept, liveFrom, progress } = await replay(interpreter, edited)
      await interpreter.dispose()
      expect(liveFrom).toBe(changed)
      expect(kept).toEqual(journal.filter(({ index }) => index < changed && kept.some((entry) => entry.index === index)))
      expect(kept.every(({ index }) => index < changed)).toBe(true)
      expect(progress.calls.map(({ index }) => index)).toContain(changed)
    }),
    { numRuns: 20 },
  )
})
