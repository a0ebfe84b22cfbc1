/** A script's question to the people (`checkpoint`), and their answer. */
import type { RunEventOf } from '../events.ts'
import type { Step } from '../model.ts'
import type { Refusal } from '../step-kind.ts'
import type { CallSettled, Checkpoint } from '../workflow.ts'
import { workingOf } from './workflow-data.ts'

/** What a question is called where several are open: `Q` and the call's number. */
export function checkpointId({ index }: Pick<Checkpoint, 'index'>): string {
  return `Q${index}`
}

/** What a step asks people in words: its agent's decision, or the first open question of its script; null where nothing. */
export function askedNow(step: Step): { text: string; options: readonly string[] } | null {
  if (step.question !== null) return step.question
  const [first] = workingOf(step)?.checkpoints.toSorted((a, b) => a.index - b.index) ?? []
  return first === undefined ? null : { text: first.question, options: first.options }
}

/** Takes an answer to the question it names, else to the first that is open: an option by its number or words, or any words. */
export function takeAnswer(
  checkpoints: readonly Checkpoint[],
  { id, text, dismiss, actor }: RunEventOf<'command.answer'>,
): CallSettled | Refusal {
  const open = checkpoints.toSorted((a, b) => a.index - b.index)
  const asked = id === null ? open[0] : open.find((checkpoint) => checkpointId(checkpoint) === id.toUpperCase())
  if (asked === undefined) {
    return { refused: `There is no open question ${id}; open are ${open.map(checkpointId).join(', ')}.` }
  }
  const said = text.trim()
  if (dismiss || said === '') return { refused: 'The workflow needs an answer to go on.' }
  const answer = asked.options.length === 0 ? said.slice(0, 20_000) : chosen(asked.options, said)
  if (answer === null)
    return { refused: `Answer with the number of an option, 1 to ${asked.options.length}, or with its words.` }
  return { index: asked.index, job: null, answer, by: actor.login, why: null }
}

function chosen(options: readonly string[], said: string): string | null {
  if (/^\d{1,2}$/.test(said)) return options[Number(said) - 1] ?? null
  return options.find((option) => option.toLowerCase() === said.toLowerCase()) ?? null
}
