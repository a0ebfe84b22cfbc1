import { expect, test } from 'vitest'
import { story } from '../../test/support/example-runs.ts'
import type { DeniedHost } from '../contract/sandbox.ts'
import { activeStep } from '../pipeline/state.ts'
import { checkSummary } from './check-summary.ts'
import { refusedSection } from './refused-section.ts'

const evil: DeniedHost = { host: 'evil.example', port: 443, why: 'not-listed', count: 3 }
const lan: DeniedHost = { host: 'x`y|@mona', port: 80, why: 'private-address', count: 1 }

/** The running job fails, and its sandbox had refused these. */
function refused(tale: ReturnType<typeof story>, denied: DeniedHost[]) {
  const wait = activeStep(tale.run)?.status.wait
  if (wait?.for !== 'job') throw new Error('no job runs')
  const at = new Date(tale.now).toISOString()
  const failure = { cause: 'agent', message: 'It gave up.' } as const
  const result = { status: 'failed', failure, legs: [], usage: {}, notes: [], startedAt: at, endedAt: at, denied } as const
  return tale.after(1, { type: 'job.finished', job: wait.job, result: { ...result, legs: [], notes: [], denied } })
}

test('what a sandbox refused is kept in the run, summed over its jobs, and told', () => {
  const tale = story('coding')
  expect(refusedSection(tale.run)).toBeNull()
  const { run } = refused(tale, [evil, lan])
  expect(run.refused).toEqual([evil, lan])
  const again = refused(Object.assign(story('coding'), { run: { ...story('coding').run, refused: run.refused } }), [evil])
  expect(again.run.refused).toEqual([{ ...evil, count: 6 }, lan])
  expect(refusedSection(again.run)).toEqual({
    summary: 'Connections that were refused: to 2 hosts',
    body: [
      '- `evil.example:443`, 6 times: who runs Switchyard does not permit the host',
      '- ``x`y\\|@mona:80``, once: the name leads into a private network',
    ].join('\n'),
  })
})

test('it stands on the page of the check run of its own stage, and of no other', () => {
  const tale = refused(story('coding'), [evil])
  const step = tale.run.steps.find(({ refused = [] }) => refused.length > 0)
  const leg = tale.run.legs[0]
  if (step === undefined || leg === undefined) throw new Error('no step has it')
  const pages = tale.run.steps.map((each) => [each.id, checkSummary(tale.run, each, leg, tale.now)] as const)
  const told = pages.filter(([, page]) =>
    page.includes('`evil.example:443`, 3 times: who runs Switchyard does not permit the host'),
  )
  expect(told.map(([id]) => id)).toEqual([step.id])
})
