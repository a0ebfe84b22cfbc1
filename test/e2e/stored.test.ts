/** What is in the store after Switchyard was stopped. */
import { expect, onTestFinished, test, vi } from 'vitest'
import { listDeliveries } from '../../src/store/deliveries.ts'
import { listHistory } from '../../src/store/history.ts'
import { getRun, listRuns } from '../../src/store/runs.ts'
import { startSwitchyard } from './harness.ts'
import { pipeline, repository } from './repositories.ts'
import { call, change, done, plan } from './script.ts'

vi.setConfig({ testTimeout: 240_000 })

test('[ING-1] [RUN-9] an unsigned webhook is stored nowhere, a run’s history says who did what', async () => {
  const yard = await startSwitchyard({
    repositories: [repository('solo', { pipelines: { build: pipeline('plan', 'approval', 'code') } })],
    script: { calls: [call('planner', '', [plan(['acme/solo'])]), call('coder', '', [...change('note.txt', 'x\n'), done()])] },
  })
  onTestFinished(() => yard.close())
  const forged = crypto.randomUUID()
  const answer = await fetch(`http://127.0.0.1:${yard.world.port}/api/github/webhooks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-github-event': 'issues', 'x-github-delivery': forged },
    body: '{}',
  })
  expect(answer.status).toBe(401)
  const task = yard.task({ title: 'Remembered', label: 'switchyard:build' })
  await task.until('needs you')
  task.comment('hubot', `/yard approve ${await task.planHash()}`)
  await task.until('ready')

  await yard.stopAndRead(async ({ db }) => {
    const deliveries = await listDeliveries(db, { limit: 1_000 })
    expect(deliveries.length).toBeGreaterThan(3)
    expect(deliveries.map(({ id }) => id)).not.toContain(forged)
    const [row] = await listRuns(db, { limit: 10 })
    const run = row === undefined ? null : await getRun(db, row.id)
    expect(run?.status.state).toBe('done')
    const history = await listHistory(db, row?.id ?? run?.id ?? never(), { limit: 1_000 })
    const told = history.map(({ what, step, who }) => [what, step, who].filter((part) => part !== null).join(' '))
    expect(told).toEqual([
      'run.created mona',
      'run.admitted switchyard',
      'step.entered plan switchyard',
      'job.finished plan switchyard',
      'step.done plan switchyard',
      'step.entered approval switchyard',
      'command.approve approval hubot',
      'step.noted approval hubot',
      'step.done approval hubot',
      'step.entered code switchyard',
      'job.finished code switchyard',
      'step.done code switchyard',
      'run.done switchyard',
    ])
    const times = history.map(({ at }) => at)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })
  expect(yard.github.inspect().violations()).toEqual([])
})

function never(): never {
  throw new Error('there is no run')
}
