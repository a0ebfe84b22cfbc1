import { describe, expect, test } from 'vitest'
import { API, sha, WEB } from '../../test/support/core/build.ts'
import { type Drive, drive, openPulls, pushBoth, reportChecks, toCi, toCode } from '../../test/support/core/drive.ts'
import { aCheck, failedJob, pushed, worked } from '../../test/support/core/results.ts'
import type { LegResult } from '../contract/job.ts'
import { OutputLimits } from '../contract/output-limits.ts'
import type { Finding } from '../contract/protection.ts'

const LIMITS = OutputLimits.parse({})
const MEASURED = { patchBytes: 6_000_000, files: 12, fileBytes: 2_097_152 }
const answer = (run: Drive, text: string) => run.say('command.answer', { id: null, text, dismiss: false })

function held(run: Drive, measured = MEASURED): LegResult {
  const largest = [{ path: 'data/big.json', bytes: measured.fileBytes }]
  const push: LegResult['push'] = { status: 'held', measured, limits: LIMITS, largest }
  return { ...pushed(run.leg(WEB), sha('x')), head: null, ahead: 0, changedFiles: [], push }
}

function asked(): Drive {
  const run = toCode(drive())
  run.finish(worked([pushed(run.leg(API), sha('a1')), held(run)]))
  return run
}

describe('[GRD-2] a job whose work is over the output limits', () => {
  test('asks a person: what is over, by how much, the largest files; what was pushed elsewhere is kept', () => {
    const run = asked()
    expect(run.wait()).toMatchObject({ for: 'person', what: 'decision' })
    const { question } = run.step('code')
    expect(question?.text).toContain(
      'The work for acme/web was not pushed: the patch has 5.8 MiB, allowed are 4 MiB; its largest file has 2 MiB, allowed are 1 MiB. The largest: data/big.json (2 MiB).',
    )
    expect(question?.text).not.toContain('files, allowed')
    expect(question?.options).toHaveLength(2)
    expect(run.leg(API).head).toBe(sha('a1'))
    expect(run.last.facts).toContainEqual(expect.objectContaining({ what: 'output.held', step: 'code' }))
    expect(run.all.map(({ kind }) => kind)).not.toContain('open-pulls')
  })

  test('let through: the run’s limits fit what was measured, and the next job pushes what the runner kept, once', () => {
    const run = asked()
    const job = run.run.steps.find(({ id }) => id === 'code')?.question?.output?.job
    expect(answer(run, '1').result).toBe('done')
    expect(run.run.output).toEqual({ ...LIMITS, patchBytes: 6_000_000, fileBytes: 2_097_152 })
    expect(run.effect('enqueue-job')).toMatchObject({ job: run.job(), step: 'code', role: 'coder', pushes: job })
    expect(run.run.decisions).toMatchObject([{ step: 'code', answer: 'Push it as it is', by: 'alice' }])
    run.finish(failedJob('model'))
    run.say('command.retry', {})
    expect(run.effect('enqueue-job')).not.toHaveProperty('pushes')
    openPulls(pushBoth(run))
    expect(run.step('code').status.state).toBe('done')
  })

  test.each(['2', 'Leave the generated files out.'])('answered with %j it is done again, under the same limits', (said) => {
    const run = asked()
    answer(run, said)
    expect(run.run.output).toBeUndefined()
    expect(run.effect('enqueue-job')).toMatchObject({ job: run.job(), step: 'code' })
    expect(run.effect('enqueue-job')).not.toHaveProperty('pushes')
    expect(run.step('code').feedback.at(-1)?.text).toContain('The work for acme/web was not pushed')
  })

  test('[RUN-7] stop ends the run; a restart asks for new work', () => {
    const stopped = asked()
    stopped.say('command.stop', { why: '' })
    expect(stopped.run.status.state).toBe('stopped')
    const run = asked()
    run.say('command.restart', { step: run.step('code').id })
    expect(run.effect('enqueue-job')).not.toHaveProperty('pushes')
  })

  test('a gate’s fixer is asked about too, and its work is pushed when a fixer is due again', () => {
    const run = reportChecks(toCi(drive()), [aCheck('failure')])
    const job = run.job()
    run.finish(worked([held(run)]))
    expect(run.wait()).toMatchObject({ for: 'person', what: 'decision' })
    answer(run, '1')
    reportChecks(run, [aCheck('failure')])
    expect(run.effect('enqueue-job')).toMatchObject({ step: 'ci', role: 'fixer', pushes: job })
  })

  test('where the gate is green by then, nothing is left to push', () => {
    const run = reportChecks(toCi(drive()), [aCheck('failure')])
    run.finish(worked([held(run)]))
    answer(run, '1')
    reportChecks(run)
    expect(run.step('ci').status.state).toBe('done')
    expect(run.step('ci')).not.toHaveProperty('pushes')
  })
})

describe('a job whose work has a guarded part', () => {
  const FINDINGS: Finding[] = [
    { kind: 'protected', path: '.github/workflows/ci.yml', what: 'changed' },
    { kind: 'secret', path: 'src/a.ts', line: 7, what: 'npm token' },
    { kind: 'manifest', path: 'package.json', what: 'install script "postinstall"' },
  ]
  const HASH = 'a'.repeat(64)
  function guarded(run: Drive, hash: string | null = HASH, findings = FINDINGS): LegResult {
    const measured = { patchBytes: 100, files: 3, fileBytes: 50 }
    const push: LegResult['push'] = {
      status: 'held',
      measured,
      limits: LIMITS,
      largest: [],
      guarded: { hash, findings, more: 0 },
    }
    return { ...pushed(run.leg(WEB), sha('x')), head: null, ahead: 0, changedFiles: [], push }
  }
  const asking = (hash: string | null = HASH, findings = FINDINGS) => {
    const run = toCode(drive())
    run.finish(worked([pushed(run.leg(API), sha('a1')), guarded(run, hash, findings)]))
    return run
  }
  const shown = (run: Drive) => run.step('code').question?.output?.guarded?.hash ?? ''

  test('asks a person: files and lines, what they are, and the hash to approve; sizes within their limits are no reason', () => {
    const run = asking()
    expect(run.wait()).toMatchObject({ for: 'person', what: 'decision' })
    const { question } = run.step('code')
    expect(question?.text).toContain(
      'The work for acme/web was not pushed: it has what looks like a credential: npm token in src/a.ts, line 7; it touches what is protected: .github/workflows/ci.yml (changed); it changes what runs when packages are installed: package.json: install script "postinstall".',
    )
    expect(question?.text).toContain(`Approved under the hash \`${shown(run)}\``)
    expect(question?.text).not.toContain('allowed are')
    expect(question?.options).toEqual(['Push it as it is', 'Have it done again, without that'])
  })

  test('approved by the hash that is shown, exactly this is let through, and the next job pushes what was kept', () => {
    const run = asking()
    const job = run.step('code').question?.output?.job
    expect(run.say('command.approve', { hash: shown(run), text: null }).result).toBe('done')
    expect(run.run.allowed).toEqual([HASH])
    expect(run.effect('enqueue-job')).toMatchObject({ step: 'code', role: 'coder', pushes: job })
    openPulls(pushBoth(run))
    expect(run.step('code').status.state).toBe('done')
  })

  test.each([
    ['no hash', null, 'Say what:'],
    ['the hash of something else', 'abcdef0', 'is not what was held back now'],
  ])('an approval with %s is refused, and says which it would be', (_what, hash, why) => {
    const run = asking()
    const refused = run.say('command.approve', { hash, text: null })
    expect(refused).toMatchObject({ result: 'refused', text: expect.stringContaining(why) })
    expect(refused.text).toContain(shown(run))
    expect(run.run.allowed).toBeUndefined()
  })

  test.each(['1', 'Push it as it is'])('an answer lets nothing through: %j is told to approve', (said) => {
    const run = asking()
    expect(answer(run, said)).toMatchObject({ result: 'refused', text: expect.stringContaining(`approve ${shown(run)}`) })
    expect(run.run.allowed).toBeUndefined()
    expect(run.wait()).toMatchObject({ for: 'person', what: 'decision' })
  })

  test.each(['2', 'Leave the workflow alone.'])('answered with %j it is done again', (said) => {
    const run = asking()
    expect(answer(run, said).result).toBe('done')
    expect(run.effect('enqueue-job')).not.toHaveProperty('pushes')
    expect(run.run.allowed).toBeUndefined()
  })

  test('what is held the next time has another hash: an approval that comes late is for nothing', () => {
    const run = asking()
    const late = shown(run)
    answer(run, '2')
    run.finish(worked([pushed(run.leg(API), sha('a1')), guarded(run, 'b'.repeat(64))]))
    expect(shown(run)).not.toBe(late)
    expect(run.say('command.approve', { hash: late, text: null }).result).toBe('refused')
    expect(run.run.allowed).toBeUndefined()
  })

  test("Switchyard's own credentials are let through by nobody: it is done again, or the run is stopped", () => {
    const run = asking(null, [{ kind: 'own-secret', path: 'a.txt', line: 1, what: 'a credential of this Switchyard' }])
    expect(run.step('code').question?.options).toEqual(['Have it done again, without that'])
    for (const hash of [null, 'abcdef0']) expect(run.say('command.approve', { hash, text: null }).result).toBe('refused')
    for (const said of ['Push it as it is', '1']) {
      const again = asking(null, [{ kind: 'own-secret', path: 'a.txt', line: 1, what: 'a credential of this Switchyard' }])
      expect(answer(again, said).result).toBe('done')
      expect(again.effect('enqueue-job')).not.toHaveProperty('pushes')
      expect(again.run.allowed).toBeUndefined()
    }
  })
})
