import { z } from 'zod'
import { StepId } from '../../contract/ids.ts'
import type { Artefact } from '../../contract/report.ts'
import type { RunEventOf } from '../events.ts'
import { type Run, type Step, StepConfig } from '../model.ts'
import type { StepOutputOf } from '../outputs.ts'
import { defineStep, type Outcome, type Refusal, type StepContext } from '../step-kind.ts'

const Config = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('approval'),
  of: StepId.optional().describe('The step whose output is approved; the nearest plan or document before this step if absent.'),
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
  summary:
    'Shows a plan or a document and its short hash, and waits until a person approves it, asks for changes, or rejects it.',
  config: Config,
  data: Data,
  initial: () => ({ phase: 'idle' }),
  enter: (context) => {
    const found = subject(context)
    if (found === null) {
      const message = `There is no plan or document before "${context.step.id}" to approve.`
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
        const message = `The ${nounOf(context.run, data.of)} was rejected by ${event.actor.login}${event.why === '' ? '.' : `: ${event.why}`}`
        return {
          data: { phase: 'idle' },
          next: { go: 'fail', failure: { cause: 'rejected', message: message.slice(0, 2_000) } },
        }
      }
      default:
        return null
    }
  },
  unneeded: (run, { id }, { of }) => {
    if (approvable(run, id, of) !== null) return null
    const skipped = candidates(run, id, of).filter(({ status }) => status.state === 'skipped')
    return skipped.length === 0 ? null : `${skipped.map((step) => step.id).join(', ')} was skipped: there is nothing to approve`
  },
  describe: (run, step, data) => {
    if (step.output?.kind === 'approval' && step.status.state === 'done') return `${step.output.hash} by ${step.output.by}`
    return data.phase === 'asking' ? `${nounOf(run, data.of)} ${data.hash}` : ''
  },
})

type Approvable = StepOutputOf<'plan'> | StepOutputOf<'artefact'>

/** The steps before this one that can yield what it approves. */
function candidates(run: Run, id: StepId, of: StepId | undefined): Step[] {
  const before = run.steps.slice(
    0,
    run.steps.findIndex((step) => step.id === id),
  )
  return before.filter((step) => (of === undefined ? step.kind === 'plan' || step.kind === 'document' : step.id === of))
}

function approvable(run: Run, step: StepId, of: StepId | undefined): { id: StepId; output: Approvable } | null {
  for (const { id, output } of candidates(run, step, of).toReversed()) {
    if (output?.kind === 'plan' || output?.kind === 'artefact') return { id, output }
  }
  return null
}

function subject({ run, step, config }: Context): { id: StepId; output: Approvable } | null {
  return approvable(run, step.id, config.of)
}

/** What the step yields, in a word for people. */
function nounOf(run: Run, id: StepId): string {
  return run.steps.find((step) => step.id === id)?.output?.kind === 'artefact' ? 'document' : 'plan'
}

function earlier(context: Context): string {
  const output = subject(context)?.output
  const text = output?.kind === 'artefact' ? artefactText(output.artefact) : JSON.stringify(output?.plan ?? null, null, 2)
  return text.slice(0, 100_000)
}

function artefactText({ title, markdown }: Artefact): string {
  return `# ${title}\n\n${markdown}`
}

function approve(context: Context, hash: string, event: RunEventOf<'command.approve'>): Outcome<Data> | Refusal {
  const { prefix } = context.run.settings
  const noun = context.data.phase === 'asking' ? nounOf(context.run, context.data.of) : 'plan'
  if (event.hash === null) return { refused: `Say which ${noun}: \`${prefix} approve ${hash}\` approves the current one.` }
  if (event.hash !== hash) {
    return {
      refused: `\`${event.hash}\` is not the current ${noun} any more; the current one is \`${hash}\`. Read it, then \`${prefix} approve ${hash}\`.`,
    }
  }
  return {
    data: { phase: 'idle' },
    note: `${noun} ${hash} approved`,
    next: { go: 'advance', output: { kind: 'approval', hash, by: event.actor.login, text: event.text } },
  }
}
