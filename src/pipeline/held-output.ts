/**
 * Work over the output limits (GRD-2): the runner held it back, and a person decides. The question is a decision like one
 * that an agent asks for; its first option raises the run's limits to what was measured and has the work pushed.
 */
import type { LegResult } from '../contract/job.ts'
import type { HeldOutput, OutputLimits } from '../contract/output-limits.ts'
import type { RunEventOf } from './events.ts'
import type { Run, Step } from './model.ts'
import { note, type Turn, waitForPerson } from './turn.ts'

/** What can be answered by number; words of a person's own are feedback for doing it again. */
const OPTIONS = ['Push it as it is', 'Have it done again, within the limits']
const KIB = 1024

type Question = NonNullable<NonNullable<Step['question']>['output']>

/** Asks a person where a part of the job's work was held back; false where none was. */
export function askAboutOutput(turn: Turn, step: Step, { job, result }: RunEventOf<'job.finished'>): boolean {
  const held = result.status === 'finished' ? result.legs.flatMap(heldLeg) : []
  if (held.length === 0) return false
  const limits = held.reduce((raised, { measured }) => raisedTo(raised, measured), outputLimitsOf(turn.run))
  const what = held.map((leg) => inWords(turn.run, leg)).join(' ')
  const text = `${what} If it is to be pushed, these sizes are allowed for the rest of this run; where its runner has the work no more (it keeps it for two hours), an agent does it again.`
  step.question = { text, options: OPTIONS, output: { job, limits } }
  waitForPerson(turn, step, 'decision')
  note(turn, 'output.held', what.slice(0, 500), { step: step.id })
  return true
}

/** Lets the held work through: the run's limits fit it from now on, and the step's next job pushes it. */
export function allowOutput(turn: Turn, step: Step, { job, limits }: Question): void {
  turn.run.output = raisedTo(outputLimitsOf(turn.run), limits)
  step.pushes = job
}

/** What a job of the run may bring by itself. */
export function outputLimitsOf(run: Run): OutputLimits {
  return run.output ?? run.settings.output
}

type HeldLeg = Pick<LegResult, 'key'> & HeldOutput

function heldLeg({ key, push }: LegResult): HeldLeg[] {
  return push.status === 'held' ? [{ key, ...push }] : []
}

function raisedTo(limits: OutputLimits, size: HeldOutput['measured']): OutputLimits {
  return {
    patchBytes: Math.max(limits.patchBytes, size.patchBytes),
    files: Math.max(limits.files, size.files),
    fileBytes: Math.max(limits.fileBytes, size.fileBytes),
  }
}

function inWords(run: Run, { key, measured, limits, largest }: HeldLeg): string {
  const over = [
    ...(measured.patchBytes > limits.patchBytes
      ? [`the patch has ${bytes(measured.patchBytes)}, allowed are ${bytes(limits.patchBytes)}`]
      : []),
    ...(measured.files > limits.files ? [`it changes ${measured.files} files, allowed are ${limits.files}`] : []),
    ...(measured.fileBytes > limits.fileBytes
      ? [`its largest file has ${bytes(measured.fileBytes)}, allowed are ${bytes(limits.fileBytes)}`]
      : []),
  ]
  const files = largest.slice(0, 3).map((file) => `${file.path} (${bytes(file.bytes)})`)
  const named = files.length === 0 ? '' : ` The largest: ${files.join(', ')}.`
  const repository = run.legs.find((leg) => leg.key === key)?.repository ?? key
  return `The work for ${repository} was not pushed: ${over.join('; ')}.${named}`
}

/** To one decimal, never rounded down to what is within a limit. */
function bytes(size: number): string {
  const [unit, name] = size < KIB * KIB ? [KIB, 'KiB'] : [KIB * KIB, 'MiB']
  return size < KIB ? `${size} bytes` : `${Math.ceil((size / unit) * 10) / 10} ${name}`
}
