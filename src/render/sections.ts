import type { Run, Step } from '../pipeline/model.ts'
import type { StepOutput } from '../pipeline/outputs.ts'
import { activeStep } from '../pipeline/state.ts'
import { approvalSubject } from './approval-subject.ts'
import { codeBlock } from './code-text.ts'
import { verdictSection } from './found-sections.ts'
import { outputSection } from './output-section.ts'
import type { Section } from './section.ts'
import { settingsSection } from './settings-section.ts'
import { undecidedSection } from './undecided.ts'
import { verdictOfStep } from './verdict.ts'

const EVIDENCE_MAX_CHARS = 8_000

/**
 * What steps yielded, in the order in which people look for it: what may be dropped for its length comes last. Links to
 * tickets and deployments stand in the stage table.
 */
const ORDER: readonly StepOutput['kind'][] = [
  'plan',
  'artefact',
  'agent',
  'companion',
  'release',
  'test',
  'validate',
  'questions',
  'diagnosis',
  'estimate',
  'parallel',
]

/** The folded parts: evidence first where something failed, then what is to be decided on, what was made, and how. */
export function sectionsOf(run: Run): Section[] {
  const active = activeStep(run)
  const asked = approvalSubject(run)?.of
  const undecided = active === null ? null : undecidedSection(active)
  const others = ORDER.flatMap((kind) => run.steps.findLast(({ output }) => output?.kind === kind) ?? []).filter(
    (step) => step.id !== asked?.id && (undecided === null || step.id !== active?.id),
  )
  return [
    ...evidence(run),
    ...(asked === undefined ? [] : yielded(run, asked)),
    ...(undecided === null ? [] : [undecided]),
    ...others.flatMap((step) => yielded(run, step)),
    settingsSection(run),
  ]
}

function yielded(run: Run, step: Step): Section[] {
  const section = step.output === null ? null : outputSection(run, step.output)
  const verdict = step.output?.kind === 'agent' ? verdictOfStep(step) : null
  return [...(section === null ? [] : [section]), ...(verdict === null ? [] : [verdictSection(verdict)])]
}

function evidence({ status }: Run): Section[] {
  if (status.state !== 'failed' || status.failure.detail === undefined) return []
  return [{ summary: 'Evidence', body: codeBlock(status.failure.detail.slice(-EVIDENCE_MAX_CHARS)) }]
}
