import { expect, test } from 'vitest'
import { openHere } from '../../test/workflow/scripts.ts'
import type { JournalEntry } from './progress.ts'
import { replay } from './replay.ts'

const BODY = `
  const read = await parallel(['a', 'b', 'c'].map((name) => () => agent('read ' + name)))
  const sum = await agent('sum ' + read.join(' '))
  return [read, sum]`

/** Runs the script to its end in this order of settlement; gives what was recorded. */
async function record(body: string, order: readonly number[]): Promise<JournalEntry[]> {
  const interpreter = await openHere(body)
  const journal: JournalEntry[] = []
  const identities = new Map((await interpreter.start()).calls.map((call) => [call.index, call.identity]))
  for (const index of order) {
    const result = `r${index}`
    journal.push({ index, identity: identities.get(index) ?? '', result })
    for (const call of (await interpreter.settle([{ index, result }])).calls) identities.set(call.index, call.identity)
  }
  return journal
}

test('[WF-3] an unchanged script replays all of its journal and asks for nothing', async () => {
  const journal = await record(BODY, [2, 0, 1, 3])
  const { progress, replayed, liveFrom } = await replay(await openHere(BODY), journal)
  expect({ progress, replayed, liveFrom }).toEqual({
    progress: { state: 'done', result: [['r0', 'r1', 'r2'], 'r3'], calls: [], log: [], phase: null },
    replayed: 4,
    liveFrom: null,
  })
})

test('[WF-3] what was on its way when a process was killed waits again; what was paid for is not asked for', async () => {
  const journal = await record(BODY, [2, 0])
  const { progress, replayed, liveFrom } = await replay(await openHere(BODY), journal)
  expect(progress.calls.map(({ index, prompt }) => ({ index, prompt }))).toEqual([{ index: 1, prompt: 'read b' }])
  expect({ state: progress.state, replayed, liveFrom }).toEqual({ state: 'waiting', replayed: 2, liveFrom: null })
})

test('[WF-3] in an edited script the first call that differs and all after it run live', async () => {
  const journal = await record(BODY, [2, 0, 1, 3])
  const { progress, replayed, kept, liveFrom } = await replay(await openHere(BODY.replace("'b'", "'B'")), journal)
  expect(progress.calls.map(({ prompt }) => prompt)).toEqual(['read B', 'read c'])
  expect({ replayed, kept, liveFrom }).toEqual({ replayed: 1, kept: [journal[1]], liveFrom: 1 })
})

test('[WF-3] a call that an edited script asks for later or not at all is the first that differs', async () => {
  const journal = await record(BODY, [0, 1, 2, 3])
  const shorter = BODY.replace("agent('sum ' + read.join(' '))", "'nothing'")
  expect(await replay(await openHere(shorter), journal)).toMatchObject({
    progress: { state: 'done' },
    replayed: 3,
    liveFrom: null,
  })
  const later = BODY.replace('const read', "await checkpoint('Go on?')\n const read")
  const replayed = await replay(await openHere(later), journal)
  expect(replayed).toMatchObject({ replayed: 0, liveFrom: 0, progress: { calls: [{ kind: 'checkpoint' }] } })
})

test('[WF-3] calls that gave nothing stay so after a crash, and are asked for once more where a person resumes', async () => {
  const [a, b, c] = await record(BODY, [0, 1, 2])
  if (a === undefined || b === undefined || c === undefined) throw new Error('nothing recorded')
  const journal = [a, { ...b, result: null, why: 'no usable output' }, c]
  const same = await replay(await openHere(BODY), journal)
  expect(same.progress.calls.map(({ prompt }) => prompt)).toEqual(['sum r0  r2'])
  expect(same.progress.log).toEqual([{ phase: null, message: 'read b: gave nothing: no usable output' }])
  const again = await replay(await openHere(BODY), journal, { retryFailures: true })
  expect(again.progress.calls.map(({ prompt }) => prompt)).toEqual(['read b'])
  expect(again).toMatchObject({ replayed: 2, liveFrom: null })
})
