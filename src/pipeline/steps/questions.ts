import type { RunEvent, RunEventOf } from '../events.ts'
import { jobOutcome } from '../job-outcome.ts'
import type { SettledFinding } from '../outputs.ts'
import { blocking, merged, openOf, settledText } from '../settle-findings.ts'
import { changedLegs } from '../state.ts'
import { defineStep, type Outcome, type Refusal, type StepContext } from '../step-kind.ts'
import { memoryOf, QuestionsConfig, QuestionsData, type QuestionsMemory } from './questions-data.ts'

export { DEFAULT_ROUNDS, openQuestions } from './questions-data.ts'

type Context = StepContext<QuestionsConfig, QuestionsData>
type Asking = Extract<QuestionsData, { phase: 'asking' }>

/** A role reads the task; people settle what is open; it is folded into the brief, which is read again (STP-4). */
export const questionsStep = defineStep<QuestionsConfig, QuestionsData>({
  kind: 'questions',
  summary: 'An agent reads the task for what is unclear, people answer, and the answers become the brief for all later steps.',
  config: QuestionsConfig,
  data: QuestionsData,
  initial: () => ({ phase: 'idle', rounds: 0, granted: 0, last: 0, findings: [], brief: '' }),
  enter: (context) => {
    const { effects, wait } = context.dispatch({ role: context.config.role, mode: 'explore' })
    return { data: { ...memoryOf(context.data), phase: 'reading' }, effects, next: { go: 'wait', wait } }
  },
  on: (event, context) => {
    const { data } = context
    switch (data.phase) {
      case 'idle':
        return null
      case 'reading':
        return event.type === 'job.finished' ? read(context, event) : null
      case 'asking':
        return asking(context, data, event)
      case 'cap':
        return atCap(context, event)
    }
  },
  describe: (_run, { output, status }, data) => {
    const open = `${openOf(data.findings).length} open`
    if (data.phase === 'asking') return `round ${data.rounds}: ${open}`
    if (data.phase === 'cap') return `${open} after ${data.rounds} ${data.rounds === 1 ? 'round' : 'rounds'}`
    if (output?.kind !== 'questions' || status.state !== 'done') return data.rounds === 0 ? '' : `after round ${data.rounds}`
    const settled = output.settled.filter(({ how }) => how !== 'open').length
    return output.settled.length === 0
      ? 'nothing was unclear'
      : `${settled} settled, ${output.settled.length - settled} left open`
  },
})

function read(context: Context, event: RunEventOf<'job.finished'>): Outcome<QuestionsData> {
  const { data, config, run } = context
  const kept = memoryOf(data)
  const idle = { ...kept, phase: 'idle' } as const
  const outcome = jobOutcome(event.result)
  if (outcome.kind === 'failed') return { data: idle, next: { go: 'fail', failure: outcome.failure } }
  if (outcome.kind === 'noop' && changedLegs(run).length === 0)
    return { data: idle, next: { go: 'end', summary: outcome.reason } }
  const found = outcome.kind === 'useful' ? outcome.report.findings : undefined
  if (found === undefined) {
    const message = 'The reader of the task gave no brief and no findings.'
    return { data: idle, next: { go: 'fail', failure: { cause: 'no-usable-output', message } } }
  }
  const now = { ...kept, ...merged(kept, found.findings), brief: found.brief }
  if (blocking(now.findings, config.tolerate).length === 0) return advance(now)
  return kept.rounds < config.rounds + kept.granted ? ask(context, now) : askHowToGoOn(context, now)
}

function advance(memory: QuestionsMemory): Outcome<QuestionsData> {
  const { brief, findings, rounds } = memory
  return {
    data: { ...memory, phase: 'idle' },
    next: { go: 'advance', output: { kind: 'questions', brief, settled: findings, rounds } },
  }
}

function ask({ now, run }: Context, memory: QuestionsMemory): Outcome<QuestionsData> {
  const asked = openOf(memory.findings).map(({ id }) => id)
  const escalateAt = now + run.settings.escalateMs
  return {
    data: { ...memory, phase: 'asking', rounds: memory.rounds + 1, asked },
    timers: [{ name: 'escalate', at: escalateAt }],
    note: `asks ${asked.join(', ')}`,
    next: { go: 'wait', wait: { for: 'person', what: 'answers', escalateAt, escalated: false } },
  }
}

function askHowToGoOn({ now, run }: Context, memory: QuestionsMemory): Outcome<QuestionsData> {
  const escalateAt = now + run.settings.escalateMs
  const open = openOf(memory.findings).map(({ id }) => id)
  return {
    data: { ...memory, phase: 'cap' },
    timers: [{ name: 'escalate', at: escalateAt }],
    note: `${open.join(', ')} open after ${memory.rounds} rounds: a person decides`,
    next: { go: 'wait', wait: { for: 'person', what: 'cap', escalateAt, escalated: false } },
  }
}

function asking(context: Context, data: Asking, event: RunEvent): Outcome<QuestionsData> | Refusal | null {
  switch (event.type) {
    case 'command.answer':
      return answer(context, data, event)
    case 'command.proceed':
      return advance(memoryOf(data))
    case 'command.changes':
      return again(context, memoryOf(data), data.asked, { by: event.actor.login, words: event.text })
    default:
      return null
  }
}

function atCap(context: Context, event: RunEvent): Outcome<QuestionsData> | Refusal | null {
  const memory = memoryOf(context.data)
  const { prefix } = context.run.settings
  switch (event.type) {
    case 'command.extra-round':
      return ask(context, { ...memory, granted: memory.granted + 1 })
    case 'command.proceed':
      return advance(memory)
    case 'command.answer':
      return { refused: `No more rounds are left. \`${prefix} extra-round\` asks once more, \`${prefix} proceed\` goes on.` }
    default:
      return null
  }
}

function answer(context: Context, data: Asking, event: RunEventOf<'command.answer'>): Outcome<QuestionsData> | Refusal | null {
  const { step, config, run } = context
  if (step.status.state !== 'active') return null
  const asked = data.findings.filter(({ id }) => data.asked.includes(id))
  const open = openOf(asked).map(({ id }) => id)
  const named = open.length === 0 ? 'none' : open.join(', ')
  if (event.id === null && open.length !== 1) {
    const example = open[0] ?? 'Q1'
    return { refused: `Say which question: open are ${named}. \`${run.settings.prefix} answer ${example} <your words>\`` }
  }
  const id = (event.id ?? open[0] ?? '').slice(0, 20).toUpperCase()
  if (!asked.some((finding) => finding.id === id)) return { refused: `There is no question ${id} now; open are ${named}.` }
  const text = event.text.trim()
  if (!event.dismiss && text === '')
    return { refused: `${id} needs an answer in words; \`${run.settings.prefix} dismiss ${id}\` says that it needs none.` }
  const settled: Pick<SettledFinding, 'how' | 'answer' | 'by'> = {
    how: event.dismiss ? 'dismissed' : 'answered',
    answer: text === '' ? null : text.slice(0, 20_000),
    by: event.actor.login,
  }
  const findings = data.findings.map((finding) => (finding.id === id ? { ...finding, ...settled } : finding))
  const memory = { ...memoryOf(data), findings }
  if (blocking(findings, config.tolerate).length > 0)
    return { data: { ...data, findings }, next: { go: 'wait', wait: step.status.wait } }
  return again(context, memory, data.asked, { by: event.actor.login, words: null })
}

/** The next reading: what was settled in this round, and a person's own words, go to the role with its earlier brief. */
function again(
  { step }: Context,
  memory: QuestionsMemory,
  asked: readonly string[],
  { by, words }: { by: string; words: string | null },
): Outcome<QuestionsData> {
  const round = memory.findings.filter(({ id, how }) => asked.includes(id) && how !== 'open')
  const text = [...(round.length === 0 ? [] : [settledText(round)]), ...(words === null ? [] : [words])].join('\n\n')
  return {
    data: { ...memory, phase: 'idle' },
    next: {
      go: 'rewind',
      to: step.id,
      feedback: { from: 'person', by, text: text.slice(0, 100_000), earlier: memory.brief.slice(0, 100_000) },
    },
  }
}
