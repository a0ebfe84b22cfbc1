/** The registry of step kinds: to add one, add a file to `steps/` and a line here. */
import type { StepConfig } from './model.ts'
import { checkRoleReports } from './role-reports.ts'
import { checkShape, type PipelineFault, type StartedOn } from './shape.ts'
import type { StepKind } from './step-kind.ts'
import { agentStep } from './steps/agent.ts'
import { approvalStep } from './steps/approval.ts'
import { ciStep } from './steps/ci.ts'
import { companionStep } from './steps/companion.ts'
import { conflictsStep } from './steps/conflicts.ts'
import { deployStep } from './steps/deploy.ts'
import { documentStep } from './steps/document.ts'
import { estimateStep } from './steps/estimate.ts'
import { investigateStep } from './steps/investigate.ts'
import { mergeStep } from './steps/merge.ts'
import { parallelStep } from './steps/parallel.ts'
import { planStep } from './steps/plan.ts'
import { questionsStep } from './steps/questions.ts'
import { releaseStep } from './steps/release.ts'
import { reviewStep } from './steps/review.ts'
import { testStep } from './steps/test.ts'
import { ticketStep } from './steps/ticket.ts'
import { validateStep } from './steps/validate.ts'
import { workflowStep } from './steps/workflow.ts'

export const STEP_KINDS: readonly StepKind[] = [
  planStep,
  agentStep,
  approvalStep,
  companionStep,
  ciStep,
  reviewStep,
  mergeStep,
  estimateStep,
  questionsStep,
  investigateStep,
  documentStep,
  parallelStep,
  testStep,
  validateStep,
  conflictsStep,
  ticketStep,
  deployStep,
  releaseStep,
  workflowStep,
]

/** The kind of this name. @throws when a stored run names a kind this version does not have */
export function stepKind(name: string): StepKind {
  const kind = STEP_KINDS.find((candidate) => candidate.kind === name)
  if (kind === undefined) throw new Error(`there is no step kind ${name}`)
  return kind
}

/**
 * Everything wrong with a pipeline, with the path of each fault: unknown kinds, options that the kind does not take,
 * and the rules of shape. The same check serves when the configuration is loaded and when a run starts (CFG-5).
 */
export function checkPipeline(steps: readonly StepConfig[], on: StartedOn = 'issue'): PipelineFault[] {
  const options = steps.flatMap((step, index): PipelineFault[] => {
    const kind = STEP_KINDS.find((candidate) => candidate.kind === step.kind)
    if (kind === undefined) {
      const known = STEP_KINDS.map((candidate) => candidate.kind).join(', ')
      return [{ path: [index, 'kind'], message: `there is no step kind "${step.kind}"; known are ${known}` }]
    }
    const parsed = kind.config.safeParse(step)
    if (parsed.success) return []
    return parsed.error.issues.map((issue) => ({ path: [index, ...issue.path.map(String)], message: issue.message }))
  })
  return [...options, ...checkRoleReports(steps), ...checkShape(steps, on)]
}
