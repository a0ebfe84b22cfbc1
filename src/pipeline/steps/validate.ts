import type { JobResult } from '../../contract/job.ts'
import { headsKey } from '../checks-verdict.ts'
import type { RunEvent, RunEventOf } from '../events.ts'
import {
  afterLooking,
  attempted,
  attemptsOf,
  awaitPerson,
  counted,
  NO_ATTEMPTS,
  pushedMeanwhile,
  stuckBy,
  together,
} from '../gate.ts'
import { contentHash } from '../hash.ts'
import { jobOutcome } from '../job-outcome.ts'
import type { Feedback, Run, Step } from '../model.ts'
import type { LegHead } from '../outputs.ts'
import { makesCode } from '../shape.ts'
import { changedLegs, currentHeads } from '../state.ts'
import { defineStep, type EnterReason, type Outcome, type Refusal } from '../step-kind.ts'
import {
  OUTPUT_MAX_CHARS,
  OUTPUTS_MAX_CHARS,
  VALIDATE_ROLE,
  type ValidateChecked,
  ValidateConfig,
  type ValidateContext,
  ValidateData,
  type ValidateSaid,
} from './validate-data.ts'

/** Runs the configured commands on the work, and sends it back while one is red (STP-11). */
export const validateStep = defineStep<ValidateConfig, ValidateData>({
  kind: 'validate',
  summary: 'Runs the commands of the configuration on what was changed; a red one sends the work back.',
  config: ValidateConfig,
  data: ValidateData,
  initial: () => ({ phase: 'idle', ...NO_ATTEMPTS }),
  enter,
  on: (event, context) => {
    const { data } = context
    switch (data.phase) {
      case 'idle':
        return null
      case 'running':
        if (event.type === 'pull.changed') return pushed(context, data, event)
        return event.type === 'job.finished' ? ran(context, data, event.result) : null
      case 'asking':
        return answered(context, data, event)
    }
  },
  unneeded,
  describe: (_run, step, data) => {
    const back = data.fixes === 0 ? '' : `sent back ${data.fixes === 1 ? 'once' : `${data.fixes} times`}`
    if (data.phase === 'running') return together('its commands run', back)
    if (data.phase === 'asking') return data.why
    if (step.output?.kind !== 'validate' || step.status.state !== 'done') return back
    const red = step.output.checks.filter(({ ok }) => !ok).length
    const passed = red === 0 ? `${counted(step.output.checks.length, 'command')} passed` : `${red} red, let pass by a person`
    return together(passed, back)
  },
})

function unneeded(run: Run): string | null {
  const { validation } = run.settings
  if (validation.length === 0) return 'no validation commands are configured'
  const changed = changedLegs(run)
  if (changed.length === 0) return 'nothing was changed'
  const names = changed.map(({ repository }) => repository.toLowerCase())
  const concerns = validation.some(({ repository }) => repository === undefined || names.includes(repository.toLowerCase()))
  return concerns ? null : 'no validation command is for a repository that was changed'
}

function enter(context: ValidateContext, why: EnterReason): Outcome<ValidateData> {
  const { output } = context.step
  const heads = currentHeads(context.run)
  const passed = output?.kind === 'validate' && headsKey(output.heads) === headsKey(heads)
  if (passed && why !== 'restart')
    return { data: { ...attemptsOf(context.data), phase: 'idle' }, next: { go: 'advance', output } }
  return runCommands(context, heads)
}

function runCommands(context: ValidateContext, heads: LegHead[]): Outcome<ValidateData> {
  const { effects, wait } = context.dispatch({ role: VALIDATE_ROLE, mode: 'validate' })
  return { data: { ...attemptsOf(context.data), phase: 'running', heads, moved: [] }, effects, next: { go: 'wait', wait } }
}

function pushed(
  context: ValidateContext,
  data: Extract<ValidateData, { phase: 'running' }>,
  event: RunEventOf<'pull.changed'>,
): Outcome<ValidateData> | null {
  const moved = pushedMeanwhile(data.moved, data.heads, event)
  if (headsKey(moved) === headsKey(data.moved) || context.step.status.state !== 'active') return null
  return { data: { ...data, moved }, next: { go: 'wait', wait: context.step.status.wait } }
}

function ran(
  context: ValidateContext,
  data: Extract<ValidateData, { phase: 'running' }>,
  result: JobResult,
): Outcome<ValidateData> {
  const outcome = jobOutcome(result)
  const idle = { ...attemptsOf(data), phase: 'idle' } as const
  if (outcome.kind === 'failed') return { data: idle, next: { go: 'fail', failure: outcome.failure } }
  const checks = outcome.kind === 'useful' ? (outcome.report.checks ?? []) : []
  if (checks.length === 0) {
    const message = 'The validation says of no command how it ended; that is never a pass.'
    return { data: idle, next: { go: 'fail', failure: { cause: 'no-usable-output', message } } }
  }
  const { same, heads, legs } = afterLooking(context.run, data.heads, data.moved)
  if (!same) return { ...runCommands(context, heads), legs, note: 'somebody pushed meanwhile: the commands run again' }
  if (checks.every(({ ok }) => ok)) return pass(context, { heads, checks })
  return red(context, { heads, checks })
}

function pass({ data }: ValidateContext, { heads, checks }: ValidateSaid): Outcome<ValidateData> {
  const output = { kind: 'validate', checks, heads, attempts: data.fixes } as const
  return { data: { ...attemptsOf(data), phase: 'idle' }, next: { go: 'advance', output } }
}

function failing(checks: readonly ValidateChecked[]): string[] {
  return checks.flatMap(({ command, ok }) => (ok ? [] : [command]))
}

function keyOf({ heads, checks }: ValidateSaid): string {
  return contentHash({ heads: headsKey(heads), failing: failing(checks).toSorted() })
}

/** Sends the work back, or asks a person where that would be for nothing. */
function red(context: ValidateContext, said: ValidateSaid): Outcome<ValidateData> {
  const { data, config } = context
  const key = keyOf(said)
  const names = failing(said.checks).join(', ').slice(0, 500)
  const coder = coderOf(context)
  const stuck = stuckBy(data, key, config.attempts)
  if (coder === undefined) return askPerson(context, said, `red: ${names}; nothing before it could mend it`, 'cap')
  if (stuck === 'evidence') return askPerson(context, said, `red on the same commits as before: ${names}`, stuck)
  if (stuck === 'cap') return askPerson(context, said, `still red: ${names}`, stuck)
  return {
    data: { ...attempted(data, key), phase: 'idle' },
    note: `red: ${names}`,
    next: { go: 'rewind', to: coder.id, feedback: { from: 'gate', text: feedbackText(said) } },
  }
}

/** The nearest step before it that makes code and was not skipped. */
function coderOf({ run, step }: ValidateContext): Step | undefined {
  const before = run.steps.slice(
    0,
    run.steps.findIndex(({ id }) => id === step.id),
  )
  return before.findLast(({ config, status }) => makesCode(config) && status.state === 'done')
}

function feedbackText({ checks }: ValidateSaid): string {
  const bad = checks.filter(({ ok }) => !ok)
  const share = Math.min(OUTPUT_MAX_CHARS, Math.floor(OUTPUTS_MAX_CHARS / Math.max(bad.length, 1)))
  const parts = bad.map(({ command, output = '' }) => {
    const end = output.trim().slice(-share).toWellFormed()
    return `## ${command.slice(0, 200)}\n${end === '' ? 'It failed and printed nothing.' : `The end of what it printed:\n${end}`}`
  })
  return ['These commands must succeed, and did not:', ...parts].join('\n\n')
}

function askPerson(context: ValidateContext, said: ValidateSaid, why: string, what: 'cap' | 'evidence'): Outcome<ValidateData> {
  return { data: { ...attemptsOf(context.data), phase: 'asking', why, ...said }, note: why, ...awaitPerson(context, what) }
}

function answered(
  context: ValidateContext,
  data: Extract<ValidateData, { phase: 'asking' }>,
  event: RunEvent,
): Outcome<ValidateData> | Refusal | null {
  switch (event.type) {
    case 'command.extra-round':
      return sendBack(context, data, { from: 'gate', text: feedbackText(data) })
    case 'command.changes':
      return sendBack(context, data, {
        from: 'person',
        by: event.actor.login,
        text: event.text,
        earlier: feedbackText(data),
      })
    case 'command.proceed':
      return pass(context, data)
    case 'command.retry':
      return runCommands(context, currentHeads(context.run))
    case 'pull.changed':
      return headsKey(currentHeads(context.run)) === headsKey(data.heads)
        ? null
        : runCommands(context, currentHeads(context.run))
    default:
      return null
  }
}

/** At a person's word: one round more than configured. */
function sendBack(
  context: ValidateContext,
  data: Extract<ValidateData, { phase: 'asking' }>,
  feedback: Feedback,
): Outcome<ValidateData> | Refusal {
  const coder = coderOf(context)
  if (coder === undefined) {
    const { prefix } = context.run.settings
    return {
      refused: `No step before this one could mend it; \`${prefix} proceed\` goes on as it is, \`${prefix} stop\` ends the run.`,
    }
  }
  const more = { ...attempted(data, keyOf(data)), granted: data.granted + 1 }
  return { data: { ...more, phase: 'idle' }, next: { go: 'rewind', to: coder.id, feedback } }
}
