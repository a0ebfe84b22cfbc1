import { describe, expect, test } from 'vitest'
import { aRun, aStep } from '../../test/support/core/build.ts'
import { sha, story, WEB } from '../../test/support/example-runs.ts'
import { Cause, type Failure } from '../contract/failure.ts'
import { StepId } from '../contract/ids.ts'
import type { Run } from '../pipeline/model.ts'
import { whatFailed, whatToDo } from './failure-lead.ts'
import { causeText } from './failure-text.ts'

const CODE = StepId.parse('code')
const CI = StepId.parse('ci')
const failure = (cause: Cause, more: Partial<Failure> = {}): Failure => ({ cause, message: 'It said no.', ...more })
const { run } = story('waiting for checks')
/** As a workflow's step stands that had begun. */
const WORKING = {
  ...{ phase: 'working', journal: 1, session: 1, calls: [], checkpoints: [], settled: [], advancing: null, phases: [] },
  ...{ open: 0, logged: 0, replayed: 0, halt: null },
}
const only = (keep: (leg: Run['legs'][number]) => boolean): Run => ({
  ...run,
  legs: run.legs.map((leg) => (keep(leg) ? leg : { ...leg, head: null })),
})

describe('[FAIL-1] every cause is told', () => {
  test.each(Cause.options)('%s: what happened, where, what to do, and the command', (cause) => {
    const { what, remedy, command } = causeText(cause)
    expect(what).toMatch(/^[A-Z].*\.$/)
    expect(remedy).toMatch(/^[A-Z].*\.$/)
    expect(whatFailed(run, CODE, failure(cause))).toContain(`**${what}** At *Code*`)
    expect(whatFailed(run, CODE, failure(cause))).toContain('It said no.')
    expect(whatToDo(run, CODE, failure(cause))).toBe(
      command === 'retry' ? `${remedy} \`/yard retry\` goes on at *Code*.` : `${remedy} \`/yard run default\` starts it anew.`,
    )
  })

  test('[WF-3] a workflow that its script ended: which file to mend, and how to go on with what was done', () => {
    const flow = aRun({ steps: [aStep('workflow', 'sweep', { workflow: 'sweep' })] })
    const working = { ...flow, steps: flow.steps.map((step) => ({ ...step, data: WORKING })) }
    const slip = failure('config', { message: 'sweep.js:3:5: TypeError: no function' })
    const SWEEP = StepId.parse('sweep')
    expect(whatFailed(working, SWEEP, slip)).toBe(
      '**The workflow does not work as it is written.** At *Sweep*: sweep.js:3:5: TypeError: no function',
    )
    expect(whatToDo(working, SWEEP, slip)).toBe(
      'Mend `.github/switchyard/workflows/sweep.js` on the default branch; `/yard resume --edited` goes on with it, and what was done before its first change is not done again.',
    )
    expect(whatToDo(working, SWEEP, failure('git'))).toContain('`/yard retry` goes on')
  })

  test('no two causes say the same', () => {
    expect(new Set(Cause.options.map((cause) => causeText(cause).what)).size).toBe(Cause.options.length)
  })

  test.each(['ci', 'conflict', 'tests'] as const)('%s names the repository where it is known', (cause) => {
    expect(
      whatFailed(
        only(({ key }) => key === WEB),
        CI,
        failure(cause),
      ),
    ).toContain('At *Checks* in acme/web: ')
    const told = failure(cause, { detail: 'src/price.js of acme/web' })
    expect(whatFailed(run, CI, told)).toContain('At *Checks* in acme/web: ')
    const named = failure(cause, { message: 'acme/web said no.' })
    expect(whatFailed(run, CI, named)).toContain('At *Checks*: acme/web said no.')
  })

  test('red checks are those of the heads that were not found green', () => {
    const green: Run = {
      ...run,
      legs: run.legs.map((leg) => (leg.key === WEB ? { ...leg, checkedSha: leg.head } : { ...leg, checkedSha: sha('9') })),
    }
    expect(whatFailed(green, CI, failure('ci'))).toContain('At *Checks* in acme/api: ')
    expect(whatFailed(run, CI, failure('conflict'))).toContain('At *Checks*: ')
  })

  test('a message by others breaks nothing and calls nobody', () => {
    const sly = failure('agent', { message: '@mona Closes #1 </details> <!-- switchyard:control merge -->' })
    expect(whatFailed(run, CODE, sly)).not.toMatch(/@mona|Closes #1|<!--|<\/details>/)
  })
})
