import type { Run, Step } from '../pipeline/model.ts'
import type { StepOutput } from '../pipeline/outputs.ts'
import { activeStep } from '../pipeline/state.ts'
import { approvalSubject } from './approval-subject.ts'
import { codeBlock } from './code-text.ts'
import { followUpsSection } from './follow-ups-section.ts'
import { verdictSection } from './found-sections.ts'
import { outputSection } from './output-section.ts'
import { refusedSection } from './refused-section.ts'
import type { Section } from './section.ts'
import { settingsSection } from './settings-section.ts'
import { undecidedSection } from './undecided.ts'
import { verdictOfStep } from './verdict.ts'
import { type CallShown, type KeptShown, keptBranches, workflowPhases } from './workflow-section.ts'

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
  'workflow',
  'parallel',
]

/** The folded parts: evidence first where something failed, then what is to be decided on, what was made, and how. `wholeUrls`: by step. */
export function sectionsOf(
  run: Run,
  wholeUrls: Readonly<Record<string, string>> = {},
  calls: readonly CallShown[] = [],
  kept: readonly KeptShown[] = [],
): Section[] {
  const active = activeStep(run)
  const asked = approvalSubject(run)?.of
  const undecided = active === null ? null : undecidedSection(active)
  const noticed = followUpsSection(run)
  const refused = refusedSection(run)
  const others = ORDER.flatMap((kind) => run.steps.findLast(({ output }) => output?.kind === kind) ?? []).filter(
    (step) => step.id !== asked?.id && (undecided === null || step.id !== active?.id),
  )
  return [
    ...evidence(run),
    ...(asked === undefined ? [] : yielded(run, asked, wholeUrls)),
    ...(undecided === null ? [] : [undecided]),
    ...workflowPhases(calls),
    ...keptBranches(run, kept),
    ...(noticed === null ? [] : [noticed]),
    ...(refused === null ? [] : [refused]),
    ...others.flatMap((step) => yielded(run, step, wholeUrls)),
    settingsSection(run),
  ]
}

function yielded(run: Run, step: Step, wholeUrls: Readonly<Record<string, string>>): Section[] {
  const section = step.output === null ? null : outputSection(run, step.output, wholeUrls[step.id] ?? null)
  const verdict = step.output?.kind === 'agent' ? verdictOfStep(step) : null
  return [...(section === null ? [] : [section]), ...(verdict === null ? [] : [verdictSection(verdict)])]
}

function evidence({ status }: Run): Section[] {
  if (status.state !== 'failed' || status.failure.detail === undefined) return []
  return [{ summary: 'Evidence', body: codeBlock(status.failure.detail.slice(-EVIDENCE_MAX_CHARS)) }]
}
