/** What an agent is told: who it is and how it reports (`instructions`), and the task with all that belongs to it (`prompt`). */
import { SwitchyardError } from '../contract/failure.ts'
import type { StepId } from '../contract/ids.ts'
import type { Run, Step } from '../pipeline/model.ts'
import { cleanText } from './clean-text.ts'
import { delimiterOf, fence } from './fence.ts'
import { outputSection } from './prompt-outputs.ts'
import { exampleReport, reportSchema, requiredSentence } from './report-schema.ts'
import type { Role, RoleRules } from './role.ts'

/** Most characters of each part of a prompt; all parts together stay under the contract's limit. */
const MAX_BODY_CHARS = 200_000
const MAX_OUTPUTS_CHARS = 200_000
const MAX_FEEDBACK_CHARS = 150_000
const MAX_EARLIER_CHARS = 100_000
const MAX_EVIDENCE_CHARS = 100_000

export interface PromptInput {
  role: Role
  rules: RoleRules
  run: Run
  step: StepId
  /** What a gate found, for its fixer. */
  evidence: string | null
  /** The job's nonce; the delimiter of data blocks is derived from it. The nonce itself is in no prompt. */
  nonce: string
}

/** The two texts of a job. Pure: the same input gives the same texts. */
export function buildPrompt(input: PromptInput): { instructions: string; prompt: string } {
  const delimiter = delimiterOf(input.nonce)
  return { instructions: instructionsFor(input, delimiter), prompt: promptFor(input, delimiter) }
}

function instructionsFor({ role, rules, run }: PromptInput, delimiter: string): string {
  const places: Record<string, string> = {
    where: whereSentence(run),
    delimiter,
    required: requiredSentence(role.report),
    example: exampleReport(role.report),
    schema: reportSchema(role.report),
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
    repositoriesSection(input.run),
    ...earlierOutputs(input.run, step, data),
    feedbackSection(step, data),
    evidenceSection(input.evidence, data),
  ]
  return `${sections.filter((section) => section !== null).join('\n\n')}\n`
}

/** Puts a text between the job's delimiters, cleaned and no longer than so many characters. */
export type AsData = (label: string, text: string, max: number) => string

function taskSection({ task }: Run, data: AsData): string {
  const kind = task.thread === 'issue' ? 'Issue' : 'Pull request'
  return [
    '# The task',
    `${kind} ${task.repository}#${task.number}, as it was when the run started:`,
    data(`title of ${task.repository}#${task.number}`, task.title, 1_000),
    task.body.trim() === ''
      ? 'It has no text beyond its title.'
      : data(`text of ${task.repository}#${task.number}`, task.body, MAX_BODY_CHARS),
  ].join('\n\n')
}

function repositoriesSection({ legs }: Run): string {
  const rows = legs.map((leg) => {
    const folder = legs.length > 1 ? `\`${leg.key}/${leg.directory ?? ''}\`` : '`.`'
    const access = leg.access === 'write' && leg.planned ? 'write' : 'read'
    const head = leg.head === null ? 'nothing yet' : `\`${leg.head}\``
    return `| ${folder} | ${leg.repository} | ${leg.role} | ${access} | \`${leg.baseBranch}\` | \`${leg.workBranch}\` | ${head} |`
  })
  return [
    '# The repositories',
    [
      '| Folder | Repository | Role | Access | Base branch | Work branch | Its head |',
      '|---|---|---|---|---|---|---|',
      ...rows,
    ].join('\n'),
  ].join('\n\n')
}

function earlierOutputs(run: Run, step: Step, data: AsData): string[] {
  const before = run.steps.slice(0, run.steps.indexOf(step))
  const own = step.feedback.length > 0 ? [step] : []
  const sections = [...before, ...own].flatMap((earlier) =>
    earlier.output === null
      ? []
      : [outputSection(earlier, earlier.output, run.legs, data, MAX_OUTPUTS_CHARS / (before.length + 1))],
  )
  return sections.length === 0 ? [] : ['# What was done so far', ...sections]
}

function feedbackSection(step: Step, data: AsData): string | null {
  if (step.feedback.length === 0) return null
  const share = Math.floor(MAX_FEEDBACK_CHARS / step.feedback.length)
  const parts = step.feedback.map((feedback, index) => {
    const by = feedback.by === undefined ? feedback.from : `${feedback.from} ${feedback.by}`
    return data(`feedback ${index + 1} of ${step.feedback.length}, from ${by}`, feedback.text, share)
  })
  const earlier = step.feedback.at(-1)?.earlier
  return [
    '# Feedback: why this is done again',
    'Answer every point. The newest comes last and decides where two disagree.',
    ...parts,
    ...(earlier === undefined
      ? []
      : ['What the feedback is about, as it was:', data('earlier result', earlier, MAX_EARLIER_CHARS)]),
  ].join('\n\n')
}

function evidenceSection(evidence: string | null, data: AsData): string | null {
  if (evidence === null) return null
  return ['# Evidence: what the checks said', data('evidence', evidence, MAX_EVIDENCE_CHARS)].join('\n\n')
}

/** The text, or its beginning and a note of how much was left out. */
function clip(text: string, max: number): string {
  const limit = Math.floor(max)
  if (text.length <= limit) return text
  return `${text.slice(0, limit)}\n[${text.length - limit} more characters were left out]`.toWellFormed()
}
