import type { Run } from '../pipeline/model.ts'
import type { StepOutput } from '../pipeline/outputs.ts'
import {
  briefSection,
  diagnosisSection,
  documentSection,
  estimateSection,
  parallelSection,
  verdictSection,
} from './found-sections.ts'
import { deploymentLines, releaseSection, testSection, ticketLink, validationSection, workSection } from './made-sections.ts'
import { planSection } from './plan-section.ts'
import type { Section } from './section.ts'
import { workflowResult } from './workflow-section.ts'

/** What a step yielded, as a part to unfold; null where the stage table says all of it. `whole` is where all of it stands if it is too long. */
export function outputSection(run: Run, output: StepOutput, whole: string | null = null): Section | null {
  switch (output.kind) {
    case 'plan':
      return planSection(output.plan, output.hash, whole)
    case 'artefact':
      return documentSection(output.artefact, output.hash, whole)
    case 'diagnosis':
      return diagnosisSection(output.diagnosis)
    case 'estimate':
      return estimateSection(output.estimate)
    case 'questions':
      return briefSection(output)
    case 'parallel':
      return parallelSection(output)
    case 'agent':
      return workSection(output)
    case 'companion':
      return verdictSection(output.verdict)
    case 'test':
      return testSection(output.report)
    case 'validate':
      return output.checks.length === 0 ? null : validationSection(output.checks)
    case 'release':
      return releaseSection(output)
    case 'deploy': {
      const lines = deploymentLines(run, output)
      return lines.length === 0 ? null : { summary: 'Deployments', body: lines.map((line) => `- ${line}`).join('\n') }
    }
    case 'ticket':
      return { summary: `Filed: ${output.repository}#${output.number}`, body: ticketLink(output) }
    case 'workflow':
      return workflowResult(output)
    case 'approval':
    case 'ci':
    case 'conflicts':
    case 'review':
    case 'merge':
      return null
  }
}
