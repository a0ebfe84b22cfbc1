/**
 * A decision (STP-9): an agent ended its job with a question and options instead of a result. The step waits for a
 * person; the answer goes into the run's decisions and the step works again with it. Written once, for every kind.
 */
import type { JobResult } from '../contract/job.ts'
import type { RunEventOf } from './events.ts'
import { allowOutput } from './held-output.ts'
import type { Step } from './model.ts'
import { enterStep, note, type Turn, waitForPerson } from './turn.ts'

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
  const by = event.actor.login
  turn.run.decisions = [...turn.run.decisions, { step: step.id, question: question.text, answer, by }].slice(-100)
  step.question = null
  if (question.output !== undefined && answer === question.options[0]) allowOutput(turn, step, question.output)
  const asked = question.output === undefined ? 'You asked' : 'A person was asked'
  const feedback = {
    from: 'person',
    by,
    text: `${asked}: ${question.text}\nThe decision: ${answer}`.slice(0, 100_000),
  } as const
  step.feedback = [...step.feedback, feedback].slice(-50)
  note(turn, 'decision.made', answer.slice(0, 500), { step: step.id, who: by })
  enterStep(turn, step, 'rewind')
  return null
}
