/**
 * A decision (STP-9): an agent ended its job with a question and options instead of a result. The step waits for a
 * person; the answer goes into the run's decisions and the step works again with it. Written once, for every kind.
 */
import type { JobResult } from '../contract/job.ts'
import type { RunEventOf } from './events.ts'
import { allowOutput, letsThrough, PUSH_AS_IT_IS } from './held-output.ts'
import type { Step } from './model.ts'
import { enterStep, note, type Turn, waitForPerson } from './turn.ts'

type Question = NonNullable<Step['question']>

/** Asks a person where the job's report wants a decision; false where it does not. */
export function askDecision(turn: Turn, step: Step, result: JobResult): boolean {
  if (result.status !== 'finished' || result.report.status !== 'needs-decision') return false
  const { question, options } = result.report
  step.question = { text: question, options }
  waitForPerson(turn, step, 'decision')
  note(turn, 'decision.asked', question.slice(0, 500), { step: step.id })
  return true
}

/** Takes the answer: an option by its number or its words, or words of the person's own. Null when done, else why not. */
export function takeDecision(turn: Turn, step: Step, event: RunEventOf<'command.answer'>): string | null {
  const { question } = step
  if (question === null) return 'There is no question open.'
  const said = [event.id ?? '', event.text].join(' ').trim()
  if (event.dismiss || said === '') return 'A decision needs an answer: the number of an option, or words of your own.'
  const index = /^\d{1,2}$/.test(said) ? Number(said) : null
  if (index !== null && question.options[index - 1] === undefined) {
    return `There is no option ${index}; there are 1 to ${question.options.length}.`
  }
  const answer = index === null ? said : (question.options[index - 1] ?? said)
  const hash = question.output?.guarded?.hash ?? null
  // A number names whatever is asked now; what is guarded is let through by its own name, by those who may approve.
  if (hash !== null && letsThrough(question, answer)) {
    return `This is approved by its hash: \`${turn.run.settings.prefix} approve ${hash}\`, once you have looked at what it lets through.`
  }
  decided(turn, step, question, answer, event.actor.login)
  return null
}

/** Takes the approval of held work with a guarded part: of exactly what is shown, by its hash. Null when done, else why not. */
export function approveHeld(turn: Turn, step: Step, question: Question, event: RunEventOf<'command.approve'>): string | null {
  const { prefix } = turn.run.settings
  const hash = question.output?.guarded?.hash ?? null
  if (hash === null) return `Nobody can let this through; \`${prefix} answer 1\` has it done again.`
  if (event.hash === null) return `Say what: \`${prefix} approve ${hash}\` approves what was held back now.`
  if (event.hash !== hash) {
    return `\`${event.hash}\` is not what was held back now; that is \`${hash}\`. Read it, then \`${prefix} approve ${hash}\`.`
  }
  decided(turn, step, question, PUSH_AS_IT_IS, event.actor.login)
  return null
}

function decided(turn: Turn, step: Step, question: Question, answer: string, by: string): void {
  turn.run.decisions = [...turn.run.decisions, { step: step.id, question: question.text, answer, by }].slice(-100)
  step.question = null
  if (question.output !== undefined && letsThrough(question, answer)) allowOutput(turn, step, question.output)
  const asked = question.output === undefined ? 'You asked' : 'A person was asked'
  const feedback = {
    from: 'person',
    by,
    text: `${asked}: ${question.text}\nThe decision: ${answer}`.slice(0, 100_000),
  } as const
  step.feedback = [...step.feedback, feedback].slice(-50)
  note(turn, 'decision.made', answer.slice(0, 500), { step: step.id, who: by })
  enterStep(turn, step, 'rewind')
}
