import type { Run } from '../pipeline/model.ts'
import { rolesUsed } from '../pipeline/roles-used.ts'
import { inlineCode } from './code-text.ts'
import { formatDuration } from './duration.ts'
import { safeLine } from './safe-text.ts'
import type { Section } from './section.ts'

const MERGES = {
  person: 'a person merges',
  auto: 'Switchyard merges when every condition holds',
  policy: 'Switchyard merges where the merge policy allows it, else a person does',
} as const

/** The settings that hold for a role that has none of its own. */
const FALLBACK = 'default'

/** Which agent plays which role, how long it may take, who merges. */
export function settingsSection(run: Run): Section {
  const used = rolesUsed(run)
  const playing = Object.entries(run.settings.roles).filter(([role]) => used.has(role) || role === FALLBACK)
  const rows = playing.map(([role, { runtime, limits }]) => {
    const model = runtime.model === undefined ? 'its default' : inlineCode(runtime.model)
    return `| ${safeLine(role, 60)} | ${runtime.name} | ${model} | ${formatDuration(limits.durationMs)} |`
  })
  const { merge, prefix } = run.settings
  const enabled = run.steps.filter((step) => step.config.enabled)
  const steps = enabled.map((step) => step.id).join(', ')
  const mergeStep = enabled.find(({ kind }) => kind === 'merge')
  const by = Object.entries(MERGES).find(([who]) => who === (mergeStep?.config.by ?? merge.by))?.[1] ?? MERGES.person
  const end = mergeStep === undefined ? 'Merging is left to people.' : `At the end ${by} (method: ${merge.method}).`
  return {
    summary: 'How this is done: agents, limits, who merges',
    body: [
      ['| Role | Agent | Model | At most |', '|---|---|---|---|', ...rows].join('\n'),
      `Pipeline \`${run.pipeline}\`: ${steps}. ${end} Commands begin with \`${prefix}\`.`,
      `Asked for by ${safeLine(run.task.requestedBy.login, 100)}; the text of the task is used as it was then.`,
    ].join('\n\n'),
  }
}
