import { expect, test } from 'vitest'
import { recordScript, waitingIn } from '../../../test/workflow/journal.ts'
import { openHere } from '../../../test/workflow/scripts.ts'
import type { StoredCall } from '../../store/workflow-calls.ts'
import { startScript } from './live-script.ts'
import { replayScript } from './replay-script.ts'

const BODY = `
  const read = await parallel(['a', 'b', 'c'].map((name) => () => agent('read ' + name)))
  const sum = await agent('sum ' + read.join(' '))
  return [read, sum]`

/** Runs the script to its end in this order of settlement; gives what was recorded. */
async function record(body: string, order: readonly number[]): Promise<StoredCall[]> {
  const recording = await recordScript(await openHere(body))
  for (const index of order) await recording.tell(index, { result: `r${index}` })
  return recording.journal
}

/** What a script asks for that was told of a journal. */
async function replayed(body: string, journal: readonly StoredCall[]) {
  const script = await startScript(await openHere(body))
  const { liveFrom, told } = await replayScript(script, journal)
  const kept = journal.filter(({ index }) => liveFrom === null || index < liveFrom)
  return { liveFrom, told, script, prompts: waitingIn(script, kept).map(({ prompt }) => prompt) }
}

test('[WF-3] an unchanged script is told all of its journal, and asks for nothing', async () => {
  const { liveFrom, told, script, prompts } = await replayed(BODY, await record(BODY, [2, 0, 1, 3]))
  expect({ liveFrom, told, prompts }).toEqual({ liveFrom: null, told: 4, prompts: [] })
  expect(script.end).toMatchObject({ state: 'done', result: [['r0', 'r1', 'r2'], 'r3'] })
})

test('[WF-3] what was on its way when a process was killed waits again; what was paid for is not asked for', async () => {
  const { liveFrom, told, script, prompts } = await replayed(BODY, await record(BODY, [2, 0]))
  expect({ liveFrom, told, prompts, end: script.end }).toEqual({ liveFrom: null, told: 2, prompts: ['read b'], end: null })
})

test('[WF-3] in an edited script the first call that differs and all after it run live', async () => {
  const { liveFrom, told, prompts } = await replayed(BODY.replace("'b'", "'B'"), await record(BODY, [2, 0, 1, 3]))
  expect({ liveFrom, told, prompts }).toEqual({ liveFrom: 1, told: 1, prompts: ['read B', 'read c'] })
})

test('[WF-3] a call that an edited script asks for later or not at all is the first that differs', async () => {
  const journal = await record(BODY, [0, 1, 2, 3])
  const shorter = await replayed(BODY.replace("agent('sum ' + read.join(' '))", "'nothing'"), journal)
  expect(shorter).toMatchObject({ told: 3, script: { end: { state: 'done' } } })
  const later = await replayed(BODY.replace('const read', "await checkpoint('Go on?')\n const read"), journal)
  expect(later).toMatchObject({ told: 0, liveFrom: 0, prompts: ['Go on?'] })
})

test('[WF-3] a script that was told of a failure goes where it went, and says so again', async () => {
  const recording = await recordScript(await openHere(BODY))
  await recording.tell(0, { result: 'r0' })
  await recording.tell(1, { result: null, why: 'no usable output' })
  await recording.tell(2, { result: 'r2' })
  const { script, prompts } = await replayed(BODY, recording.journal)
  expect(prompts).toEqual(['sum r0  r2'])
  expect(script.log).toEqual([{ phase: null, message: 'read b: gave nothing: no usable output' }])
})
