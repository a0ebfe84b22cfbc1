import fc from 'fast-check'
import { expect, test } from 'vitest'
import { recordScript, waitingIn } from '../../../test/workflow/journal.ts'
import { openHere } from '../../../test/workflow/scripts.ts'
import type { StoredCall } from '../../store/workflow-calls.ts'
import { type LiveScript, startScript } from './live-script.ts'
import { replayScript } from './replay-script.ts'

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

/** Which waiting call ends next, and how; taken again from the start when they are used up. */
const endings = fc.array(fc.record({ which: fc.nat(20), fails: fc.boolean() }), { minLength: 1, maxLength: 20 })

interface Asked {
  index: number
  identity: string
}

interface Recorded {
  journal: StoredCall[]
  /** What waited after so many settlements. */
  waiting: Asked[][]
  script: LiveScript
}

async function record(body: string, choices: readonly { which: number; fails: boolean }[]): Promise<Recorded> {
  const recording = await recordScript(await openHere(body))
  const waiting = [asked(recording.waiting())]
  for (let turn = 0; recording.waiting().length > 0; turn += 1) {
    const { which, fails } = choices[turn % choices.length] ?? { which: 0, fails: false }
    const left = recording.waiting()
    const index = left[which % left.length]?.index ?? 0
    await recording.tell(index, { result: fails ? null : { from: index }, budget: { total: 10, spent: turn } })
    waiting.push(asked(recording.waiting()))
  }
  return { journal: recording.journal, waiting, script: recording.script }
}

function asked(calls: readonly Asked[]): Asked[] {
  return calls.map(({ index, identity }) => ({ index, identity }))
}

const scripts = fc.record({ body: shapes.map((shape) => `return (${functionOf(shape)})('the start')`), choices: endings })

test('[WF-3] a script that is told any beginning of what it was told asks for what it asked for then', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, fc.nat(), async ({ body, choices }, cut) => {
      const { journal, waiting, script: first } = await record(body, choices)
      const length = cut % (journal.length + 1)
      const script = await startScript(await openHere(body))
      const beginning = journal.slice(0, length)
      expect(await replayScript(script, beginning)).toEqual({ told: length, liveFrom: null })
      expect(asked(waitingIn(script, beginning))).toEqual(waiting[length])
      // And told of the rest, it ends as it did.
      await replayScript(script, journal)
      expect({ end: script.end, log: script.log, calls: script.calls }).toEqual({
        ...{ end: first.end, log: first.log, calls: first.calls },
      })
    }),
    { numRuns: 30 },
  )
})

test('[WF-3] in the order recorded, indices are the same whether a script is told one by one or in lots', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, fc.integer({ min: 2, max: 5 }), async ({ body, choices }, lot) => {
      const { journal, script: first } = await record(body, choices)
      const interpreter = await openHere(body)
      const known = new Map(asked((await interpreter.start()).calls).map((call) => [call.index, call.identity]))
      let end: unknown = null
      for (let from = 0; from < journal.length; from += lot) {
        const entries = journal.slice(from, from + lot)
        const endings = entries.map(({ index, state }, at) => ({
          ...{ index, result: state === 'failed' ? null : { from: index } },
          budget: { total: 10, spent: from + at },
        }))
        const { calls, log: _log, heard, liveFrom: _liveFrom, ...stand } = await interpreter.tell({ endings, known: [] })
        expect(heard).toHaveLength(entries.length)
        for (const { call } of calls) known.set(call.index, call.identity)
        end = stand
      }
      expect([...known].toSorted(([a], [b]) => a - b)).toEqual(first.calls.map(({ call }) => [call.index, call.identity]))
      expect(end).toMatchObject(first.end ?? {})
    }),
    { numRuns: 20 },
  )
})

test('[WF-3] where the journal says that one call was another, only calls before it are told', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, fc.nat(), async ({ body, choices }, which) => {
      const { journal } = await record(body, choices)
      const changed = which % journal.length
      const edited = journal.map((entry) => (entry.index === changed ? { ...entry, identity: 'another' } : entry))
      const script = await startScript(await openHere(body))
      const { told, liveFrom } = await replayScript(script, edited)
      expect(liveFrom).toBe(changed)
      expect(told).toBeLessThanOrEqual(changed)
      expect(script.calls.map(({ call }) => call.index)).toContain(changed)
    }),
    { numRuns: 20 },
  )
})
