import type { JobResult } from '../../contract/job.ts'
import type { TestReport } from '../../contract/report.ts'
import { headsKey } from '../checks-verdict.ts'
import type { RunEvent, RunEventOf } from '../events.ts'
import {
  afterLooking,
  attempted,
  attemptsOf,
  awaitPerson,
  brokenOff,
  counted,
  NO_ATTEMPTS,
  pushedMeanwhile,
  stuckBy,
  together,
} from '../gate.ts'
import { jobOutcome } from '../job-outcome.ts'
import { openingFailure, openMissingPulls } from '../open-pulls.ts'
import type { LegHead } from '../outputs.ts'
import { changedLegs, currentHeads } from '../state.ts'
import { defineStep, type EnterReason, type Outcome, type Refusal } from '../step-kind.ts'
import { passes, testEvidence } from '../test-report.ts'
import { TestConfig, type TestContext, TestData, type TestSaid } from './test-data.ts'

/** A tester tries the work out; a fixer mends what it found (STP-10). */
export const testStep = defineStep<TestConfig, TestData>({
  kind: 'test',
  summary: 'A tester tries out what was changed; a fixer works on what it found, until the tester lets it pass.',
  config: TestConfig,
  data: TestData,
  initial: () => ({ phase: 'idle', rounds: 0, ...NO_ATTEMPTS }),
  enter,
  on: (event, context) => {
    const { data } = context
    switch (data.phase) {
      case 'idle':
        return null
      case 'testing':
        if (event.type === 'pull.changed') return pushed(context, data, event)
        return event.type === 'job.finished' ? tested(context, data, event.result) : null
      case 'fixing':
        return event.type === 'job.finished' ? fixed(context, data, event.result) : null
      case 'opening':
        return event.type === 'pulls.opened' ? opened(context, event) : null
      case 'asking':
        return answered(context, data, event)
    }
  },
  unneeded: (run) => (changedLegs(run).length === 0 ? 'nothing was changed' : null),
  describe: (_run, step, data) => {
    const fixes = counted(data.fixes, 'fix', 'fixes')
    switch (data.phase) {
      case 'testing':
        return together('a tester works', fixes)
      case 'fixing':
        return together(`mending ${found(data.report)}`, fixes)
      case 'opening':
        return 'opening pull requests'
      case 'asking':
        return data.why
      case 'idle': {
        if (step.output?.kind !== 'test' || step.status.state !== 'done') return fixes
        return together(step.output.by === 'person' ? 'let pass by a person' : 'passed', fixes)
      }
    }
  },
})

function memoryOf(data: TestData) {
  return { ...attemptsOf(data), rounds: data.rounds }
}

function enter(context: TestContext, why: EnterReason): Outcome<TestData> {
  const { data, run, step } = context
  const here = headsKey(currentHeads(run))
  const { output } = step
  if (output?.kind === 'test' && headsKey(output.heads) === here)
    return { data: { ...memoryOf(data), phase: 'idle' }, next: { go: 'advance', output } }
  // A fixer that was lost, held or had to ask goes on with the same report, as long as it is about the same heads.
  if (why !== 'restart' && data.phase === 'fixing' && headsKey(data.heads) === here) return fix(context, memoryOf(data), data)
  return openOrTest(context)
}

/** A fixer may have changed a repository that had no pull request yet, also one that failed afterwards. */
function openOrTest(context: TestContext): Outcome<TestData> {
  const opening = openMissingPulls(context)
  if (opening !== null) return { data: { ...memoryOf(context.data), phase: 'opening' }, ...opening }
  return runTester(context, currentHeads(context.run))
}

function opened(context: TestContext, event: RunEventOf<'pulls.opened'>): Outcome<TestData> {
  const failure = openingFailure(context.run, event)
  if (failure === null) return openOrTest(context)
  return { data: { ...memoryOf(context.data), phase: 'idle' }, next: { go: 'fail', failure } }
}

function runTester(context: TestContext, heads: LegHead[]): Outcome<TestData> {
  const { effects, wait } = context.dispatch({ role: context.config.role, mode: 'explore' })
  return { data: { ...memoryOf(context.data), phase: 'testing', heads, moved: [] }, effects, next: { go: 'wait', wait } }
}

function pushed(
  context: TestContext,
  data: Extract<TestData, { phase: 'testing' }>,
  event: RunEventOf<'pull.changed'>,
): Outcome<TestData> | null {
  const moved = pushedMeanwhile(data.moved, data.heads, event)
  if (headsKey(moved) === headsKey(data.moved) || context.step.status.state !== 'active') return null
  return { data: { ...data, moved }, next: { go: 'wait', wait: context.step.status.wait } }
}

function tested(context: TestContext, data: Extract<TestData, { phase: 'testing' }>, result: JobResult): Outcome<TestData> {
  const outcome = jobOutcome(result)
  const idle = { ...memoryOf(data), phase: 'idle' } as const
  if (outcome.kind === 'failed') return { data: idle, next: { go: 'fail', failure: outcome.failure } }
  const report = outcome.kind === 'useful' ? outcome.report.test : undefined
  if (report === undefined) {
    const message = 'The tester gave no report that can be read; that is never a pass.'
    return { data: idle, next: { go: 'fail', failure: { cause: 'no-usable-output', message } } }
  }
  const { same, heads, legs } = afterLooking(context.run, data.heads, data.moved)
  if (!same) return { ...runTester(context, heads), legs, note: 'somebody pushed while it was tested: it is tested again' }
  const kept = { ...memoryOf(data), rounds: data.rounds + 1 }
  if (passes(report, kept.rounds)) return pass(kept, { heads, report }, 'tester')
  return fix(context, kept, { heads, report, summary: outcome.result.report.summary })
}

function pass(
  kept: ReturnType<typeof memoryOf>,
  { heads, report }: Omit<TestSaid, 'summary'>,
  by: 'tester' | 'person',
): Outcome<TestData> {
  return {
    data: { ...kept, phase: 'idle' },
    next: { go: 'advance', output: { kind: 'test', report, by, heads, rounds: Math.max(kept.rounds, 1) } },
  }
}

/** Sends the fixer, or asks a person where that would be for nothing. */
function fix(context: TestContext, kept: ReturnType<typeof memoryOf>, { heads, report, summary }: TestSaid): Outcome<TestData> {
  const { config, run } = context
  switch (stuckBy(kept, headsKey(heads), config.attempts)) {
    case 'evidence':
      return askPerson(context, kept, { heads, report, summary }, 'evidence')
    case 'cap':
      return askPerson(context, kept, { heads, report, summary }, 'cap')
    case null: {
      const { effects, wait } = context.dispatch({
        role: config.fixer,
        mode: 'code',
        evidence: testEvidence(run, { heads, report, summary }),
      })
      return {
        data: { ...kept, phase: 'fixing', heads, report, summary },
        effects,
        note: `the tester found ${found(report)}; a fixer works on it`,
        next: { go: 'wait', wait },
      }
    }
  }
}

function askPerson(
  context: TestContext,
  kept: ReturnType<typeof memoryOf>,
  { heads, report, summary }: TestSaid,
  what: 'cap' | 'evidence',
): Outcome<TestData> {
  const because = what === 'cap' ? `after ${counted(kept.fixes, 'fix', 'fixes') || 'no fix'}` : 'and the fix changed nothing'
  const why = `the tester found ${found(report)}, ${because}`
  return { data: { ...kept, phase: 'asking', why, heads, report, summary }, note: why, ...awaitPerson(context, what) }
}

/** A fixer that changed nothing is not the run's end; the same heads are not tested again. */
function fixed(context: TestContext, data: Extract<TestData, { phase: 'fixing' }>, result: JobResult): Outcome<TestData> {
  const failure = brokenOff(result, ['no-changes'])
  if (failure !== null) return { data, next: { go: 'fail', failure } }
  const kept = { ...attempted(data, headsKey(data.heads)), rounds: data.rounds }
  if (headsKey(currentHeads(context.run)) === headsKey(data.heads)) return askPerson(context, kept, data, 'evidence')
  return openOrTest({ ...context, data: { ...kept, phase: 'idle' } })
}

function answered(
  context: TestContext,
  data: Extract<TestData, { phase: 'asking' }>,
  event: RunEvent,
): Outcome<TestData> | Refusal | null {
  const { heads, report, summary } = data
  const forgiven = data.evidence.filter((key) => key !== headsKey(heads))
  const granted = { ...memoryOf(data), granted: data.granted + 1, evidence: forgiven }
  switch (event.type) {
    case 'command.extra-round':
      return fix(context, granted, data)
    case 'command.changes':
      // The words go into the step's feedback; entering again sends the fixer with them and with the report.
      return {
        data: { ...granted, phase: 'fixing', heads, report, summary },
        next: {
          go: 'rewind',
          to: context.step.id,
          feedback: { from: 'person', by: event.actor.login, text: event.text },
        },
      }
    case 'command.proceed':
      return pass(memoryOf(data), data, 'person')
    case 'command.retry':
      return openOrTest(context)
    case 'pull.changed':
      return headsKey(currentHeads(context.run)) === headsKey(heads) ? null : openOrTest(context)
    default:
      return null
  }
}

function found({ concerns, outcomes }: TestReport): string {
  const red = outcomes.filter(({ ok }) => !ok).length
  const said = together(counted(concerns.length, 'concern'), counted(red, 'failing outcome'))
  return said === '' ? 'no reason to let it pass' : said
}
