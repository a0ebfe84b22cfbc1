/** What an agent is told: who it is and how it reports (`instructions`), and the task with all that belongs to it (`prompt`). */
import { SwitchyardError } from '../contract/failure.ts'
import type { StepId } from '../contract/ids.ts'
import type { Run } from '../pipeline/model.ts'
import { cleanText } from './clean-text.ts'
import { delimiterOf, fence } from './fence.ts'
import {
  assignmentSection,
  briefSection,
  decisionsSection,
  earlierOutputs,
  evidenceSection,
  feedbackSection,
  linkedSection,
  repositoriesSection,
  taskSection,
} from './prompt-sections.ts'
import { exampleReport, reportSchema, requiredSentence } from './report-schema.ts'
import type { Role, RoleRules } from './role.ts'

export interface PromptInput {
  role: Role
  rules: RoleRules
  run: Run
  step: StepId
  /** What a gate found, for its fixer. */
  evidence: string | null
  /** What this very job is for, beyond its role. */
  assignment: string | null
  /** The JSON Schema of the report's `result`, where a workflow's script asks for one. */
  resultSchema?: object | undefined
  /** The job's nonce; the delimiter of data blocks is derived from it. The nonce itself is in no prompt. */
  nonce: string
}

/** The two texts of a job. Pure: the same input gives the same texts. */
export function buildPrompt(input: PromptInput): { instructions: string; prompt: string } {
  const delimiter = delimiterOf(input.nonce)
  return { instructions: instructionsFor(input, delimiter), prompt: promptFor(input, delimiter) }
}

function instructionsFor({ role, rules, run, resultSchema }: PromptInput, delimiter: string): string {
  const places: Record<string, string> = {
    where: whereSentence(run),
    delimiter,
    required: requiredSentence(role.report),
    example: exampleReport(role.report),
    schema: reportSchema(role.report, resultSchema),
  }
  const parts = [role.prompt, rules.common, role.mode === 'code' ? rules.code : rules.explore, rules.report]
  return parts.map((part) => part.replaceAll(/\{\{(\w+)\}\}/g, (place, name: string) => places[name] ?? place)).join('\n\n')
}

function whereSentence(run: Run): string {
  const [only] = run.legs
  if (run.legs.length > 1 || only === undefined) {
    return 'You start in a folder that is no repository itself; under it lie the repositories of the task, one folder each.'
  }
  return only.directory === undefined
    ? 'You start in the top folder of its only repository.'
    : `You start in \`${only.directory}\`, the part of the repository that the task is about.`
}

function promptFor(input: PromptInput, delimiter: string): string {
  const step = input.run.steps.find((candidate) => candidate.id === input.step)
  if (step === undefined) {
    throw new SwitchyardError({ cause: 'internal', message: `Run ${input.run.id} has no step ${input.step}.` })
  }
  const data = (label: string, text: string, max: number) => fence(label, clip(cleanText(text), max), delimiter)
  const sections = [
    taskSection(input.run, data),
    linkedSection(input.run, data),
    briefSection(input.run, step, data),
    assignmentSection(input.assignment, data),
    repositoriesSection(input.run),
    ...earlierOutputs(input.run, step, data),
    decisionsSection(input.run, data),
    feedbackSection(step, data),
    evidenceSection(input.evidence, data),
  ]
  return `${sections.filter((section) => section !== null).join('\n\n')}\n`
}

/** The text, or its beginning and a note of how much was left out. */
function clip(text: string, max: number): string {
  const limit = Math.floor(max)
  if (text.length <= limit) return text
  return `${text.slice(0, limit)}\n[${text.length - limit} more characters were left out]`.toWellFormed()
}
