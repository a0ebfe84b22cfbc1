import { z } from 'zod'
import { StepId } from '../../contract/ids.ts'
import type { RunEventOf } from '../events.ts'
import { StepConfig } from '../model.ts'
import type { StepOutputOf } from '../outputs.ts'
import { defineStep, type Outcome, type Refusal, type StepContext } from '../step-kind.ts'

const Config = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('approval'),
  of: StepId.optional().describe('The step whose output is approved; the nearest plan before this step if absent.'),
})
type Config = z.infer<typeof Config>

const Data = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle') }),
  z.object({ phase: z.literal('asking'), of: StepId, hash: z.string() }),
])
type Data = z.infer<typeof Data>
type Context = StepContext<Config, Data>

/** A person approves exactly this content: the hash that is shown is the hash that must be named (STP-8). */
export const approvalStep = defineStep<Config, Data>({
  kind: 'approval',
  summary: 'Shows a plan and its short hash, and waits until a person approves it, asks for changes, or rejects it.',
  config: Config,
  data: Data,
  initial: () => ({ phase: 'idle' }),
  enter: (context) => {
    const found = subject(context)
    if (found === null) {
      const message = `There is no plan before "${context.step.id}" to approve.`
      return { data: { phase: 'idle' }, next: { go: 'fail', failure: { cause: 'config', message } } }
    }
    const escalateAt = context.now + context.run.settings.escalateMs
    return {
      data: { phase: 'asking', of: found.id, hash: found.output.hash },
      timers: [{ name: 'escalate', at: escalateAt }],
      next: { go: 'wait', wait: { for: 'person', what: 'approve', escalateAt, escalated: false } },
    }
  },
  on: (event, context) => {
    const { data } = context
    if (data.phase !== 'asking') return null
    switch (event.type) {
      case 'command.approve':
        return approve(context, data.hash, event)
      case 'command.changes':
        return {
          data: { phase: 'idle' },
          next: {
            go: 'rewind',
            to: data.of,
            feedback: { from: 'person', by: event.actor.login, text: event.text, earlier: earlier(context) },
          },
        }
      case 'command.reject': {
        const message = `The plan was rejected by ${event.actor.login}${event.why === '' ? '.' : `: ${event.why}`}`
        return {
          data: { phase: 'idle' },
          next: { go: 'fail', failure: { cause: 'rejected', message: message.slice(0, 2_000) } },
        }
      }
      default:
        return null
    }
  },
  describe: (_run, step, data) => {
    if (step.output?.kind === 'approval' && step.status.state === 'done') return `${step.output.hash} by ${step.output.by}`
    return data.phase === 'asking' ? `plan ${data.hash}` : ''
  },
})

function subject({ run, step, config }: Context): { id: StepId; output: StepOutputOf<'plan'> } | null {
  const before = run.steps.slice(
    0,
    run.steps.findIndex(({ id }) => id === step.id),
  )
  for (const { id, output } of before.toReversed()) {
    if (output?.kind === 'plan' && (config.of === undefined || config.of === id)) return { id, output }
  }
  return null
}

function earlier(context: Context): string {
  return JSON.stringify(subject(context)?.output.plan ?? null, null, 2).slice(0, 100_000)
}

function approve({ run }: Context, hash: string, event: RunEventOf<'command.approve'>): Outcome<Data> | Refusal {
  const { prefix } = run.settings
  if (event.hash === null) return { refused: `Say which plan: \`${prefix} approve ${hash}\` approves the current one.` }
  if (event.hash !== hash) {
    return {
      refused: `\`${event.hash}\` is not the current plan any more; the current one is \`${hash}\`. Read it, then \`${prefix} approve ${hash}\`.`,
    }
  }
  return {
    data: { phase: 'idle' },
    note: `plan ${hash} approved`,
    next: { go: 'advance', output: { kind: 'approval', hash, by: event.actor.login, text: event.text } },
  }
}
