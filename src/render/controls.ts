import type { Control } from '../commands/checkbox.ts'
import { needsBudget, raiseOffer } from '../pipeline/budget.ts'
import { contentHash } from '../pipeline/hash.ts'
import { letsThrough } from '../pipeline/held-output.ts'
import type { Run, Step, Wait } from '../pipeline/model.ts'
import { closedLegs } from '../pipeline/pause.ts'
import { activeStep, changedLegs } from '../pipeline/state.ts'
import { askedNow } from '../pipeline/steps/workflow-checkpoint.ts'
import { approvalSubject } from './approval-subject.ts'
import { causeText } from './failure-text.ts'
import { gateWords } from './gate-words.ts'
import { formatUsd } from './money.ts'
import { safeLine } from './safe-text.ts'

const OPTION_MAX_CHARS = 300

/** What can be done now, by ticking. Only what would do something. */
export function controlsOf(run: Run): Control[] {
  const { prefix } = run.settings
  const stop = control('stop', 'Stop')
  switch (run.status.state) {
    case 'queued':
      return [stop]
    case 'failed':
      return causeText(run.status.failure.cause).command === 'retry'
        ? [control('retry', `Try again — or comment \`${prefix} retry\``)]
        : []
    case 'paused':
      return [...raise(run), ...resume(run), stop]
    case 'done':
    case 'stopped':
      return []
    case 'active':
      return [...asked(run), stop]
  }
}

/** Names exactly this question: a box that was shown for another one asks for nothing. */
export function decisionHash(question: { text: string; options: readonly string[] }): string {
  return contentHash(question)
}

function control(id: string, label: string): Control {
  return { id, label, checked: false }
}

function raise(run: Run): Control[] {
  const usd = raiseOffer(run)
  if (usd === null) return []
  const command = `${run.settings.prefix} budget +${usd}`
  return [control(`budget:${usd}`, `Let it spend ${formatUsd(usd)} more, and go on — or comment \`${command}\``)]
}

function resume(run: Run): Control[] {
  if (needsBudget(run) !== null) return []
  const closed = closedLegs(run)
  // Without any pull request left there is nothing to go on with.
  if (closed.length > 0 && closed.length === changedLegs(run).length) return []
  const names = closed.map(({ repository }) => repository).join(', ')
  const label = closed.length === 0 ? 'Go on' : `Go on without ${names}`
  return [control('resume', `${label} — or comment \`${run.settings.prefix} resume\``)]
}

function asked(run: Run): Control[] {
  const step = activeStep(run)
  const wait = step?.status.wait
  const { prefix } = run.settings
  if (wait?.for === 'retry') return [control('retry', `Try again now — or comment \`${prefix} retry\``)]
  return step === null || wait?.for !== 'person' ? [] : ofPerson(run, step, wait.what)
}

function ofPerson(run: Run, step: Step, what: Extract<Wait, { for: 'person' }>['what']): Control[] {
  const { prefix } = run.settings
  const offer = (id: string, label: string, command = id) => control(id, `${label} — or comment \`${prefix} ${command}\``)
  switch (what) {
    case 'approve': {
      const subject = approvalSubject(run)
      if (subject === null) return []
      const { noun, hash } = subject
      return [offer(`approve:${hash}`, `Approve ${noun} \`${hash}\``, `approve ${hash}`)]
    }
    case 'cap':
    case 'evidence': {
      const { again, proceed, retry } = gateWords(step)
      return [
        offer('extra-round', again),
        ...(proceed === null ? [] : [offer('proceed', proceed)]),
        ...(retry === null ? [] : [offer('retry', retry)]),
      ]
    }
    case 'merge':
      return [offer('merge', 'Merge')]
    case 'answers':
      return [offer('proceed', 'Go on with what is open left open')]
    case 'decision':
    case 'checkpoint': {
      const question = askedNow(step)
      if (question === null) return []
      const of = decisionHash(question)
      const approved = step.question?.output?.guarded?.hash ?? null
      return question.options.map((option, index) =>
        approved !== null && step.question !== null && letsThrough(step.question, option)
          ? offer(`approve:${approved}`, `${option} \`${approved}\``, `approve ${approved}`)
          : offer(`answer:${index + 1}:${of}`, safeLine(option, OPTION_MAX_CHARS), `answer ${index + 1}`),
      )
    }
    case 'regression':
      return [
        ...(run.legs.some(({ mergedSha, revert }) => mergedSha !== null && revert === null)
          ? [offer('revert', 'Open pull requests that take it back')]
          : []),
        offer('proceed', 'Leave it as it is'),
      ]
  }
}
