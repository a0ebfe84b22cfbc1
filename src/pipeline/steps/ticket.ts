import { z } from 'zod'
import { FullName, StepId } from '../../contract/ids.ts'
import { type Step, StepConfig } from '../model.ts'
import { defineStep, type Outcome, type StepContext } from '../step-kind.ts'
import { type TicketText, ticketText } from '../ticket-text.ts'

const Config = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('ticket'),
  repository: FullName.optional().describe("Where the issue is filed; the task's repository if absent."),
  labels: z.array(z.string().min(1).max(50)).max(20).default([]).describe('Labels of the issue.'),
  of: StepId.optional().describe('The step whose result is filed; the nearest one before with a text if absent.'),
})
type Config = z.infer<typeof Config>

const Data = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle') }),
  z.object({ phase: z.literal('filing'), effect: z.string(), title: z.string() }),
])
type Data = z.infer<typeof Data>
type Context = StepContext<Config, Data>

/** Files an issue from what a step before it yielded, once (STP-14). */
export const ticketStep = defineStep<Config, Data>({
  kind: 'ticket',
  summary: 'Files an issue with the result of a step before it.',
  config: Config,
  data: Data,
  initial: () => ({ phase: 'idle' }),
  enter: (context) => {
    const { config, run, step } = context
    if (step.output?.kind === 'ticket') return { data: { phase: 'idle' }, next: { go: 'advance', output: step.output } }
    const text = textOf(context)
    if (text === null) {
      const message =
        config.of === undefined
          ? 'No step before it yielded a text that an issue could be made of.'
          : `The step "${config.of}" yielded no text that an issue could be made of.`
      return { data: { phase: 'idle' }, next: { go: 'fail', failure: { cause: 'config', message } } }
    }
    // The handler knows an issue that this step filed before, whatever the effect's id was then.
    const id = context.effectId('ticket')
    const repository = config.repository ?? run.task.repository
    return {
      data: { phase: 'filing', effect: id, title: text.title },
      effects: [{ kind: 'file-ticket', id, step: step.id, repository, ...text, labels: config.labels }],
      next: { go: 'wait', wait: { for: 'effect', effect: id } },
    }
  },
  on: (event, { data }): Outcome<Data> | null => {
    if (data.phase !== 'filing' || event.type !== 'ticket.filed' || event.effect !== data.effect) return null
    const { repository, number, url } = event
    const output = { kind: 'ticket', repository, number, url, title: data.title } as const
    return { data: { phase: 'idle' }, next: { go: 'advance', output } }
  },
  describe: (_run, step, data) => {
    if (data.phase === 'filing') return 'filing an issue'
    return step.output?.kind === 'ticket' ? `${step.output.repository}#${step.output.number}` : ''
  },
})

/** The text of the named step, or of the nearest one before that has one; null where there is none. */
function textOf({ run, step, config }: Context): TicketText | null {
  const before = run.steps.slice(
    0,
    run.steps.findIndex(({ id }) => id === step.id),
  )
  const asked = config.of === undefined ? before : before.filter(({ id }) => id === config.of)
  const texts = asked.flatMap((earlier: Step) => {
    const text = earlier.status.state === 'done' ? ticketText(run, earlier) : null
    return text === null ? [] : [text]
  })
  return texts.at(-1) ?? null
}
