/** What a dynamic workflow's script asked for, on the page of its run, over real HTTP. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JobId, RunId } from '../../src/contract/ids.ts'
import type { CallToStart } from '../../src/pipeline/workflow.ts'
import { startJob, storeResult } from '../../src/store/jobs.ts'
import { addCalls, callHasJob, settleCalls } from '../../src/store/workflow-calls.ts'
import { aRun, aStep, stepId } from '../support/core/build.ts'
import { reported } from '../support/core/results.ts'
import { ask } from './http.ts'
import { type Served, serveDashboard } from './serve.ts'
import { type StoredRun, storeRun } from './stored-run.ts'

const STEP = stepId('swarm')
const ATTACK = `"><img src=x onerror=alert(1)>`
const START_MS = Date.UTC(2026, 0, 5, 9)
const MINUTE_MS = 60_000

/** Five calls: one done, one that came to nothing, one at work, one that waits for a place, and a question. */
const CALLS = [
  { label: 'the API', phase: 'Look', role: 'researcher' },
  { label: ATTACK, phase: 'Look', role: 'tester' },
  { label: 'the web', phase: 'Look', role: undefined },
  { label: 'the rest', phase: 'Write', role: undefined },
] as const

describe('the calls of a dynamic workflow', () => {
  let served: Served
  let stored: StoredRun
  let page: string
  beforeAll(async () => {
    served = await serveDashboard()
    const { db } = served.store
    const base = aRun({ steps: [aStep('workflow', 'swarm', { workflow: 'swarm' })] })
    stored = await storeRun(served.store, { ...base, id: 'swarm1' as RunId }, START_MS)
    await stored.send({ type: 'run.admitted' })
    const key = { run: stored.run.id, step: STEP, journal: 1 }
    const asked = CALLS.map(({ label, phase, role }, index) => ({
      ...{ index, label, phase, kind: 'agent' as const, prompt: 'Look.', identity: 'a'.repeat(64), after: 0 },
      options: { mode: 'explore', ...(role === undefined ? {} : { role }) },
    }))
    const question = { index: 4, label: 'Go on?', phase: 'Write', kind: 'checkpoint' as const, prompt: 'Go on?' }
    await addCalls(db, key, [...asked, { ...question, identity: 'b'.repeat(64), after: 0, options: {} }], START_MS)
    const wait = stored.run.steps[0]?.status
    const effect = wait?.state === 'active' && wait.wait.for === 'calls' ? (wait.wait.effect ?? '') : ''
    const start = CALLS.slice(0, 3).map(
      ({ label, phase }, index): CallToStart => ({
        ...{ index, label, phase, kind: 'agent', role: 'researcher', mode: 'explore', apart: false },
      }),
    )
    const script = { state: 'waiting', open: 5 } as const
    const counts = { checkpoints: [], phases: [], log: [], logged: 0, replayed: null }
    await stored.send({ type: 'workflow.advanced', effect, start, script, ...counts })
    const jobs = jobsOf(stored)
    for (const [index, job] of jobs.entries()) await callHasJob(db, key, index, job)
    for (const job of jobs) await startJob(db, job, 'runner-1', START_MS + MINUTE_MS)
    for (const job of jobs.slice(0, 2)) await storeResult(db, job, 1, reported({ summary: 'Done.' }), START_MS + 3 * MINUTE_MS)
    const ended = { result: 'x', budget: null, branches: [] }
    await settleCalls(
      db,
      key,
      [
        { ...ended, index: 0, state: 'done', why: null, costUsd: 0.25 },
        { ...ended, index: 1, state: 'failed', why: 'its result does not fit', costUsd: null },
      ],
      START_MS + 3 * MINUTE_MS,
    )
    page = (await ask(served.port, `/runs/${stored.run.id}`)).body
  })
  afterAll(() => served.close())

  function jobsOf({ run }: StoredRun): JobId[] {
    const status = run.steps[0]?.status
    return status?.state === 'active' && status.wait.for === 'calls' ? status.wait.jobs : []
  }
  const rows = () => [...page.matchAll(/<tr data-state="(\w+)">([\s\S]*?)<\/tr>/g)]
  const textOf = (markup = '') =>
    markup
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim()

  test('stand by phase, those first that came to nothing, each with its state, label, role, time, cost and log', () => {
    const [api, , web] = jobsOf(stored)
    expect(rows().map(([, state, cells]) => [state, textOf(cells)])).toEqual([
      ['failed', expect.stringMatching(/^✗ came to nothing .* its result does not fit tester 2 min log of /)],
      ['working', expect.stringMatching(/^● working the web researcher .* log of the web$/)],
      ['done', '✓ done the API researcher 2 min $0.25 log of the API'],
      ['asks', '● asks Go on? checkpoint'],
      ['waiting', '○ waiting the rest researcher'],
    ])
    for (const job of [api, web]) expect(page).toContain(`/runs/swarm1?job=${job}#log`)
    expect(
      [...page.matchAll(/<summary>(\w+) <span class="small">([^<]*)</g)].map(([, title, words]) => [title, words]),
    ).toEqual([
      ['Look', '1 of 3 calls done, 1 came to nothing'],
      ['Write', '0 of 2 calls done'],
    ])
    expect(page).toContain('<progress value="2" max="3"')
  })

  test('hold no markup of the script, and stand in the place of a list of attempts', () => {
    expect(page).not.toContain('<img src=x')
    expect(page).toContain('&quot;&gt;&lt;img')
    expect(page).not.toContain('attempt 1')
  })

  test('lead to their logs', async () => {
    const [api] = jobsOf(stored)
    const chosen = await ask(served.port, `/runs/swarm1?job=${api}`)
    expect(chosen.status).toBe(200)
    expect(chosen.body).toContain(`data-job="${api}"`)
  })
})
