/**
 * Work that the runner held back, and a person decides: over the output limits (GRD-2), or with a guarded part (protected
 * paths, manifests, credentials). The question is a decision like one that an agent asks for. Its first option raises the
 * run's limits to what was measured and has the work pushed; where a part is guarded, that is approved by its hash instead.
 */
import type { LegResult } from '../contract/job.ts'
import type { HeldOutput, OutputLimits } from '../contract/output-limits.ts'
import type { RunEventOf } from './events.ts'
import { contentHash } from './hash.ts'
import { guardedInWords, sizeInWords } from './held-words.ts'
import type { Run, Step } from './model.ts'
import { note, type Turn, waitForPerson } from './turn.ts'

const PUSH = 'Push it as it is'
const AGAIN = 'Have it done again, within the limits'
const WITHOUT = 'Have it done again, without that'
const ALLOWED_MAX = 200
/** Most files that are kept to look up who owns them. */
const FILES_MAX = 1_000

interface Asked {
  readonly options: readonly string[]
  readonly output?: unknown
}
type Question = NonNullable<NonNullable<Step['question']>['output']>

/** Asks a person where a part of the job's work was held back; false where none was. */
export function askAboutOutput(turn: Turn, step: Step, { job, result }: RunEventOf<'job.finished'>): boolean {
  const held = result.status === 'finished' ? result.legs.flatMap(heldLeg) : []
  if (held.length === 0) return false
  const limits = held.reduce((raised, { measured }) => raisedTo(raised, measured), outputLimitsOf(turn.run))
  const what = held.map((leg) => inWords(turn.run, leg)).join(' ')
  const guarded = guardedOf(turn.run, held)
  const text = `${what}${whatThen(guarded)}`
  const options = guarded === undefined ? [PUSH, AGAIN] : guarded.hash === null ? [WITHOUT] : [PUSH, WITHOUT]
  step.question = { text, options, output: { job, limits, ...(guarded === undefined ? {} : { guarded }) } }
  waitForPerson(turn, step, 'decision')
  note(turn, 'output.held', what.slice(0, 500), { step: step.id })
  return true
}

/** Lets the held work through: the run's limits fit it from now on, and the step's next job pushes it. */
export function allowOutput(turn: Turn, step: Step, { job, limits, guarded }: Question): void {
  const { run } = turn
  run.output = raisedTo(outputLimitsOf(run), limits)
  if (guarded !== undefined) run.allowed = [...new Set([...(run.allowed ?? []), ...guarded.allows])].slice(-ALLOWED_MAX)
  step.pushes = job
}

/** Whether the answer is the option that has the work pushed. */
export function letsThrough({ output, options }: Asked, answer: string): boolean {
  return output !== undefined && answer === PUSH && options.includes(PUSH)
}

/** The words of the option that has held work pushed. */
export const PUSH_AS_IT_IS = PUSH

/** What a job of the run may bring by itself. */
export function outputLimitsOf(run: Run): OutputLimits {
  return run.output ?? run.settings.output
}

type HeldLeg = Pick<LegResult, 'key'> & HeldOutput

function heldLeg({ key, push }: LegResult): HeldLeg[] {
  return push.status === 'held' ? [{ key, ...push }] : []
}

/** The guarded parts together, under one short hash; null for it where nobody can let them through. */
function guardedOf(run: Run, held: readonly HeldLeg[]): Question['guarded'] {
  const parts = held.flatMap(({ key, guarded }) => (guarded === undefined ? [] : [{ key, ...guarded }]))
  if (parts.length === 0) return undefined
  const allows = parts.flatMap(({ hash }) => hash ?? [])
  const hash = allows.length === parts.length ? contentHash(allows.toSorted()) : null
  const files = parts.flatMap(({ key, findings }) =>
    findings.flatMap(({ path }) => {
      const leg = run.legs.find((each) => each.key === key)
      return leg === undefined ? [] : [{ repository: leg.repository, path }]
    }),
  )
  const more = parts.reduce((sum, part) => sum + part.more, 0)
  return { hash, allows: hash === null ? [] : allows, files: files.slice(0, FILES_MAX), more }
}

function raisedTo(limits: OutputLimits, size: HeldOutput['measured']): OutputLimits {
  return {
    patchBytes: Math.max(limits.patchBytes, size.patchBytes),
    files: Math.max(limits.files, size.files),
    fileBytes: Math.max(limits.fileBytes, size.fileBytes),
  }
}

function inWords(run: Run, { key, guarded, ...size }: HeldLeg): string {
  const repository = run.legs.find((leg) => leg.key === key)?.repository ?? key
  const reasons = [guarded === undefined ? '' : guardedInWords(guarded), sizeInWords(size)].filter((words) => words !== '')
  return `The work for ${repository} was not pushed: ${reasons.join(' ')}`
}

function whatThen(guarded: Question['guarded']): string {
  const kept = 'where its runner has the work no more (it keeps it for two hours), an agent does it again.'
  if (guarded === undefined) return ` If it is to be pushed, these sizes are allowed for the rest of this run; ${kept}`
  if (guarded.hash === null) return ' Credentials that Switchyard itself works with are never pushed.'
  return ` Approved under the hash \`${guarded.hash}\`, exactly this is pushed, and nothing that differs from it; ${kept}`
}
