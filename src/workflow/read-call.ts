import type { z } from 'zod'
import { AgentOptions, CheckpointOptions, CollectInput, CollectOptions, identityOf, type WorkflowCall } from './call.ts'
import type { GuestCall } from './guest-turn.ts'
import { parseJson, storable } from './json.ts'

/** How much of a prompt stands for a label, in characters. */
const LABEL_CHARS = 60

export type ReadCall = { ok: true; call: WorkflowCall } | { ok: false; problem: string }

/** A call of the script, checked; or what is wrong with its options. */
export function readCall(raw: GuestCall): ReadCall {
  switch (raw.kind) {
    case 'agent':
      return checked(raw, AgentOptions, ({ phase, label, ...rest }, common) => {
        const mode = rest.mode ?? (rest.isolation === undefined ? 'explore' : 'code')
        return { kind: 'agent', ...common(phase, label), options: { ...rest, mode } }
      })
    case 'checkpoint':
      return checked(raw, CheckpointOptions, ({ phase, label, ...options }, common) => ({
        kind: 'checkpoint',
        ...common(phase, label),
        options,
      }))
    case 'collect':
      return checked(raw, CollectInput, ({ phase, label }, common) => ({
        kind: 'collect',
        ...common(phase, label),
        options: CollectOptions.parse({ calls: raw.calls }),
      }))
  }
}

type Common = Pick<WorkflowCall, 'index' | 'phase' | 'label' | 'prompt'>
type Unidentified = WorkflowCall extends infer Call ? (Call extends WorkflowCall ? Omit<Call, 'identity'> : never) : never

function checked<T>(
  raw: GuestCall,
  schema: z.ZodType<T>,
  build: (options: T, common: (phase: string | undefined, label: string | undefined) => Common) => Unidentified,
): ReadCall {
  const options = schema.safeParse(parseJson(raw.options))
  if (!options.success) {
    const [issue] = options.error.issues
    const where = issue === undefined || issue.path.length === 0 ? 'its options' : `\`${issue.path.join('.')}\``
    return { ok: false, problem: `${raw.kind}(): ${where}: ${issue?.message ?? 'not as they must be'}.` }
  }
  const call = build(options.data, (phase, label) => ({
    index: raw.index,
    phase: phase ?? raw.phase,
    label: label ?? labelOf(raw),
    prompt: raw.prompt,
  }))
  return { ok: true, call: { ...call, identity: identityOf(call) } }
}

function labelOf({ kind, index, prompt }: GuestCall): string {
  const line = prompt.trim().split('\n', 1)[0] ?? ''
  if (line === '') return `${kind} ${index + 1}`
  return line.length > LABEL_CHARS ? `${storable(line.slice(0, LABEL_CHARS - 1))}…` : line
}
