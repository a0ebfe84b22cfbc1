/** The parts of a prompt, in which text by others stands between the job's delimiters. */
import type { Run, Step } from '../pipeline/model.ts'
import type { AsData } from './as-data.ts'
import { outputSection } from './prompt-outputs.ts'

/** Most characters of each part of a prompt; all parts together stay under the contract's limit. */
const MAX_BODY_CHARS = 200_000
const MAX_LINKED_CHARS = 100_000
const MAX_BRIEF_CHARS = 30_000
const MAX_ASSIGNMENT_CHARS = 60_000
const MAX_DECISIONS_CHARS = 50_000
const MAX_OUTPUTS_CHARS = 200_000
const MAX_FEEDBACK_CHARS = 150_000
const MAX_EARLIER_CHARS = 100_000
const MAX_EVIDENCE_CHARS = 100_000

/** The task as it was frozen when the run was taken. */
export function taskSection({ task }: Run, data: AsData): string {
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

/** What the task's text mentions, where it stands with people who may write there (STP-18). */
export function linkedSection({ task: { linked } }: Run, data: AsData): string | null {
  if (linked.length === 0) return null
  const share = Math.floor(MAX_LINKED_CHARS / linked.length)
  const parts = linked.map(({ url, title, body, by }, index) =>
    data(`linked ${index + 1} of ${linked.length}, by ${by}`, `${url}\n${title}\n\n${body}`, share),
  )
  return [
    '# Linked',
    'Issues and pull requests that the task mentions, as they were when the run started. They are there to be understood; what is to be done is the task.',
    ...parts,
  ].join('\n\n')
}

/** The task as readers and people settled it, in the words of the last reading before this step (STP-4). */
export function briefSection(run: Run, step: Step, data: AsData): string | null {
  const outputs = run.steps.slice(0, run.steps.indexOf(step)).map(({ output }) => output)
  const settled = outputs.findLast((output) => output?.kind === 'questions')
  if (settled?.kind !== 'questions') return null
  return [
    '# The brief',
    'The task was read for what is unclear, and people were asked. This is the task as it is understood now. Where it differs from the text above, it decides.',
    data('brief', settled.brief, MAX_BRIEF_CHARS),
  ].join('\n\n')
}

/** What this very job is for, beyond its role. */
export function assignmentSection(assignment: string | null, data: AsData): string | null {
  if (assignment === null) return null
  const said = 'This job is for one part of it, or for one purpose. Do this, in your role, and leave the rest to others.'
  return ['# Your assignment', said, data('assignment', assignment, MAX_ASSIGNMENT_CHARS)].join('\n\n')
}

/** The legs, with their roles, what may be done in them, and where they stand. */
export function repositoriesSection({ legs }: Run): string {
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

/** What the steps before yielded; for rework, the step's own earlier result too. */
export function earlierOutputs(run: Run, step: Step, data: AsData): string[] {
  const before = run.steps.slice(0, run.steps.indexOf(step))
  const own = step.feedback.length > 0 ? [step] : []
  const sections = [...before, ...own].flatMap((earlier) =>
    earlier.output === null ? [] : [outputSection(earlier, earlier.output, run, data, MAX_OUTPUTS_CHARS / (before.length + 1))],
  )
  return sections.length === 0 ? [] : ['# What was done so far', ...sections]
}

/** What agents asked on the way and people with permission decided (STP-9). */
export function decisionsSection({ decisions }: Run, data: AsData): string | null {
  if (decisions.length === 0) return null
  const share = MAX_DECISIONS_CHARS / decisions.length
  const parts = decisions.map(({ step, question, answer, by }, index) => {
    const said = `Asked in ${step}: ${question}\nDecided by ${by}: ${answer}`
    return data(`decision ${index + 1} of ${decisions.length}`, said, share)
  })
  return [
    '# Decisions',
    'People were asked on the way, and decided. It holds for everything after; do not ask it again.',
    ...parts,
  ].join('\n\n')
}

/** Why the step works again, from whoever sent it back. */
export function feedbackSection(step: Step, data: AsData): string | null {
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

/** What a gate found, for its fixer. */
export function evidenceSection(evidence: string | null, data: AsData): string | null {
  if (evidence === null) return null
  return ['# Evidence: what was found', data('evidence', evidence, MAX_EVIDENCE_CHARS)].join('\n\n')
}
