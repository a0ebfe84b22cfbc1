import { describe, expect, test } from 'vitest'
import { API, aStep, sha, stepId, WEB } from '../../../test/support/core/build.ts'
import { type Drive, drive, mergeNow, pushBoth, reportPulls } from '../../../test/support/core/drive.ts'
import { pauseAndResume } from '../../../test/support/core/explored.ts'
import { sayDeployed, toGate, toStep } from '../../../test/support/core/gated.ts'
import { aFailure, aPull, worked } from '../../../test/support/core/results.ts'
import { describeStep } from '../describe.ts'

const gate = (options = {}) => toStep('deploy', options)
const said = (run: Drive) => describeStep(run.run, run.step('deploy'))
const creates = (run: Drive) => run.all.filter(({ kind }) => kind === 'create-deployments').length
const asks = (run: Drive) => run.all.filter(({ kind }) => kind === 'ask-deployments').length
const heads = (run: Drive) => [WEB, API].map((leg) => ({ leg, head: run.leg(leg).head }))
const pushBy = (run: Drive, head: string) =>
  run.send({ type: 'pull.changed', leg: WEB, pull: aPull(1), head: sha(head), by: 'bob' })
const pending = (run: Drive) => sayDeployed(run, 'create-deployments', 'pending')
const hint = (run: Drive) => run.send({ type: 'deployments.changed', leg: WEB })

describe('[STP-15] deployments', () => {
  test('of every changed leg at its head, waited for, with their addresses for later steps', () => {
    const run = gate({ environment: 'staging' })
    expect(run.effect('create-deployments')).toMatchObject({ environment: 'staging', legs: heads(run) })
    expect(said(run)).toBe('creating deployments')
    pending(run)
    expect(run.wait()).toEqual({ for: 'outside', what: 'deployment', until: run.now + 300_000 })
    expect(run.last.timers).toEqual([{ id: 'deploy-1-sweep', at: run.now + 300_000 }])
    hint(run)
    expect(run.effect('ask-deployments').deployments).toHaveLength(2)
    sayDeployed(run, 'ask-deployments', { [WEB]: 'success' })
    expect(said(run)).toBe('1 of 2 up')
    run.send({ type: 'timer.fired', timer: 'deploy-1-sweep' })
    sayDeployed(run, 'ask-deployments', 'success')
    expect(run.step('deploy').output).toEqual({
      kind: 'deploy',
      deployments: [
        { leg: WEB, head: run.leg(WEB).head, environment: 'staging', url: 'https://acme--web.example.test' },
        { leg: API, head: run.leg(API).head, environment: 'staging', url: 'https://acme--api.example.test' },
      ],
    })
    expect(said(run)).toBe('2 up in staging')
  })

  test('after a merge it is the merge commits', () => {
    const run = toGate([aStep('agent', 'code'), aStep('merge'), aStep('deploy')])
    mergeNow(mergeNow(reportPulls(run)))
    expect(run.effect('create-deployments').legs).toEqual([
      { leg: WEB, head: sha('merge 1') },
      { leg: API, head: sha('merge 2') },
    ])
    sayDeployed(run, 'create-deployments', 'success')
    expect(run.run.status).toMatchObject({ state: 'done', outcome: 'merged' })
  })

  test.each([
    ['failure', 'failed: no space left'],
    ['inactive', 'was taken down or replaced: no space left'],
  ] as const)('%s fails the step, with what was said', (state, words) => {
    const run = pending(gate())
    hint(run)
    sayDeployed(run, 'ask-deployments', { [API]: state, [WEB]: 'success' }, 'no space left')
    expect(run.run.status).toMatchObject({
      state: 'failed',
      failure: { cause: 'ci', message: `The deployment of acme/api to preview ${words}` },
    })
    run.say('command.retry', {})
    expect(creates(run)).toBe(2)
    sayDeployed(run, 'create-deployments', 'success')
    expect(run.step('deploy').status.state).toBe('done')
  })

  test('after its time it fails and says which were not up; GitHub is asked a last time before', () => {
    const run = gate({ timeoutMinutes: 1 })
    const begun = run.now
    pending(run)
    expect(run.wait()).toMatchObject({ until: begun + 60_000 })
    run.now = begun + 60_000
    run.send({ type: 'timer.fired', timer: 'deploy-1-sweep' })
    sayDeployed(run, 'ask-deployments', { [WEB]: 'success' })
    expect(run.run.status).toMatchObject({
      state: 'failed',
      failure: { cause: 'ci', message: 'The deployment of acme/api to preview was not up after 1 minute.' },
    })
  })

  test('up at the last moment is up', () => {
    const run = gate({ timeoutMinutes: 1 })
    pending(run)
    run.now += 3_600_000
    run.send({ type: 'timer.fired', timer: 'deploy-1-sweep' })
    sayDeployed(run, 'ask-deployments', 'success')
    expect(run.step('deploy').status.state).toBe('done')
  })

  test('deployments that are missing in the answer are created, and the time goes on', () => {
    const run = gate({ timeoutMinutes: 10 })
    const answer = () =>
      run.send({ type: 'deployments.reported', effect: run.effect('create-deployments').id, deployments: [] })
    answer()
    for (let minute = 0; minute < 11 && run.run.status.state === 'active'; minute += 1) {
      run.now += 60_000
      run.send({ type: 'timer.fired', timer: 'deploy-1-sweep' })
      answer()
    }
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'ci' } })
  })

  test('is passed over where nothing was changed', () => {
    const run = drive({ steps: [aStep('agent', 'look', { mode: 'explore' }), aStep('deploy')] })
    run.send({ type: 'run.admitted' })
    run.finish(worked())
    expect(run.step('deploy').status).toMatchObject({ state: 'skipped', why: 'nothing was changed' })
  })
})

describe('a head that moved gets a deployment of its own', () => {
  test('while it is created, asked for or waited for', () => {
    const creating = gate()
    pushBy(creating, 'by hand')
    sayDeployed(creating, 'create-deployments', 'success')
    const asking = pending(gate())
    hint(asking)
    pushBy(asking, 'by hand')
    sayDeployed(asking, 'ask-deployments', 'success')
    const watching = pending(gate())
    pushBy(watching, 'by hand')
    for (const run of [creating, asking, watching]) {
      expect(creates(run)).toBe(2)
      expect(run.effect('create-deployments').legs).toContainEqual({ leg: WEB, head: sha('by hand') })
      sayDeployed(run, 'create-deployments', 'success')
      expect(run.step('deploy').output).toMatchObject({
        deployments: expect.arrayContaining([expect.objectContaining({ head: sha('by hand') })]),
      })
    }
  })

  test('its time begins anew', () => {
    const run = pending(gate({ timeoutMinutes: 5 }))
    run.now += 240_000
    pushBy(run, 'by hand')
    run.now += 240_000
    pending(run)
    expect(run.run.status.state).toBe('active')
  })

  test('one that did not move is not deployed twice, also when the run comes by again', () => {
    const watching = pending(gate())
    const before = watching.run
    watching.send({
      type: 'pull.changed',
      leg: WEB,
      pull: watching.leg(WEB).pull ?? aPull(1),
      head: watching.leg(WEB).head ?? sha('x'),
      by: 'bob',
    })
    expect(watching.run).toBe(before)
    const steps = [aStep('agent', 'code'), aStep('deploy'), aStep('merge')]
    const run = toGate(steps, { settings: { merge: { by: 'person', method: 'squash' } } })
    sayDeployed(run, 'create-deployments', 'success')
    run.say('command.changes', { text: 'again' })
    pushBoth(run)
    expect(run.step('deploy').status.state).toBe('done')
    expect(creates(run)).toBe(1)
  })
})

describe('hints, pauses and what comes late', () => {
  test('a hint while GitHub is being asked makes the step ask once more', () => {
    const creating = gate()
    hint(creating)
    pending(creating)
    expect(asks(creating)).toBe(1)
    hint(creating)
    const before = creating.run
    hint(creating)
    expect(creating.run).toBe(before)
    sayDeployed(creating, 'ask-deployments', 'pending')
    expect(asks(creating)).toBe(2)
    sayDeployed(creating, 'ask-deployments', 'success')
    expect(creating.step('deploy').status.state).toBe('done')
  })

  test('a late or doubled answer changes nothing', () => {
    const run = pending(gate())
    const before = run.run
    sayDeployed(run, 'create-deployments', 'failure')
    expect(run.run).toBe(before)
  })

  test('held and resumed: creating finds what is there, waiting asks at once', () => {
    const run = gate()
    pauseAndResume(run)
    expect(creates(run)).toBe(2)
    pending(run)
    pauseAndResume(run)
    expect(run.last.timers).toEqual([{ id: 'deploy-2-sweep', at: run.now }])
    run.send({ type: 'timer.fired', timer: 'deploy-2-sweep' })
    pauseAndResume(run)
    sayDeployed(run, 'create-deployments', 'success')
    expect(run.step('deploy').status.state).toBe('done')
  })

  test('an effect that could not be done fails the step; a retry finds what is there', () => {
    const run = gate()
    run.send({ type: 'effect.failed', effect: run.effect('create-deployments').id, failure: aFailure('permission') })
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'permission' } })
    run.say('command.retry', {})
    expect(creates(run)).toBe(2)
  })

  test('restarted and skipped in every phase', () => {
    for (const to of [() => {}, pending, (run: Drive) => hint(pending(run))]) {
      const run = gate()
      to(run)
      run.say('command.restart', { step: stepId('deploy') })
      expect(run.step('deploy').data).toMatchObject({ phase: 'creating' })
      run.say('command.skip', { step: stepId('deploy'), why: 'no preview today' })
      expect(run.run.status).toMatchObject({ state: 'done', outcome: 'ready' })
    }
  })
})
