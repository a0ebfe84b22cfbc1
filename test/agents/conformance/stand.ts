/** Where one runtime is tried: jobs of the real runner with the real agent, against a model that follows a script. */
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { type JobEnding, runJob } from '../../../runner/job.ts'
import { createJobStop } from '../../../runner/job-stop.ts'
import { JOB_MARKER, jobMark, processesMarked } from '../../../runner/watch/process-tree.ts'
import type { JobResult } from '../../../src/contract/job.ts'
import type { ModelRequest, Turn } from '../../model/script.ts'
import { type ScriptedModel, startModel } from '../../model/server.ts'
import { openWorkshop, type Workshop } from '../../runner/workshop.ts'
import { createLeapingClock, type LeapingClock } from './leaping-clock.ts'
import type { Subject } from './subjects.ts'

/** Longest time for one job; then it is ended from outside and its cell fails. */
const JOB_MS = 60_000
const KILL_GRACE_MS = 2_000
const POLL_MS = 20
export const REPOSITORIES = ['acme/api', 'acme/web'] as const
export const BRANCH = 'switchyard/run1'

/** Where the agent finds the repositories, as its prompt tells it. */
export interface Places {
  api: string
  web: string
}

/** The turns of the model, with the paths that only the agent's prompt tells. */
export type Plan = (places: Places) => readonly Turn[]

export interface TriedJob {
  shop: Workshop
  model: ScriptedModel
  clock: LeapingClock
  /** Ends with the job. */
  done: Promise<JobResult>
  /** The agent's process, once it has started. */
  agent(): number
  /** All processes of the job. */
  processes(): number[]
}

export interface Stand {
  subject: Subject
  /** A new workshop with both repositories. */
  open(): Promise<Workshop>
  start(shop: Workshop, plan: Plan, more?: Record<string, unknown>): Promise<TriedJob>
  close(): Promise<void>
}

export function createStand(subject: Subject): Stand {
  const shops: Workshop[] = []
  const models: ScriptedModel[] = []
  return {
    subject,
    async open() {
      const shop = await openWorkshop()
      shops.push(shop)
      for (const name of REPOSITORIES) await shop.repository(name)
      return shop
    },
    async start(shop, plan, more = {}) {
      const model = await startModel({ script: (request, nth) => turnOf(plan, request, nth) })
      models.push(model)
      const clock = createLeapingClock()
      const stop = createJobStop()
      const spec = shop.spec(
        REPOSITORIES.map((name) => shop.leg(name, name === 'acme/api' ? {} : { role: 'consumer' })),
        [],
        { runtime: subject.choice(model.url), limits: { killGraceMs: KILL_GRACE_MS }, prompt: 'FIRST-TASK', ...more },
      )
      const runtime = subject.runtime(model.url)
      const deps = await shop.deps({ clock, runtimes: new Map([[runtime.name, runtime]]) })
      const over = new AbortController()
      const late = setTimeout(JOB_MS, undefined, { signal: over.signal }).then(
        () => stop.stop({ kind: 'cancelled', reason: `The job took longer than ${JOB_MS / 1_000} s.`, keep: false }),
        () => undefined,
      )
      const done = runJob(deps, { id: spec.id, data: structuredClone(spec) }, stop).then((ending) => resultOf(shop, ending))
      void done.then(
        () => over.abort(),
        () => over.abort(),
      )
      void late
      const mark = jobMark(shop.dataDir, spec.id)
      return { shop, model, clock, done, agent: () => agentOf(mark), processes: () => processesMarked(JOB_MARKER, mark) }
    },
    async close() {
      for (const model of models.splice(0)) await model.close()
      for (const shop of shops.splice(0)) await shop.close()
    },
  }
}

function resultOf(shop: Workshop, ending: JobEnding): JobResult {
  const result = shop.app.results.at(-1)?.result
  if (ending !== 'over' || result === undefined) throw new Error(`the job is ${ending} and has no result`)
  return result
}

function turnOf(plan: Plan, request: ModelRequest, nth: number): Turn {
  return plan(placesOf(request))[nth] ?? { say: 'Done.' }
}

function placesOf({ messages, system }: ModelRequest): Places {
  const said = `${system}\n${messages.map(({ text }) => text).join('\n')}`
  const place = (name: string) => {
    const [, found] = new RegExp(`^- ${name} \\([a-z]+\\): ([^,\\n]+?)(?: \\(|,)`, 'm').exec(said) ?? []
    if (found === undefined) throw new Error(`the prompt does not say where ${name} is`)
    return found
  }
  return { api: place('acme/api'), web: place('acme/web') }
}

/** The process that the runner started: a child of ours, marked as the job's. */
function agentOf(mark: string): number {
  const found = processesMarked(JOB_MARKER, mark).find((pid) => parentOf(pid) === process.pid)
  if (found === undefined) throw new Error('the agent has no process')
  return found
}

function parentOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1])
  } catch {
    // It has just ended.
    return 0
  }
}

/** Waits for what has no event of its own: something outside. The job's end is the limit. */
export async function until(condition: () => boolean, job: TriedJob): Promise<void> {
  let over = false
  const end = () => {
    over = true
  }
  void job.done.then(end, end)
  while (!condition()) {
    if (over) throw new Error(`the job ended before: ${JSON.stringify(await job.done).slice(0, 3_000)}`)
    await setTimeout(POLL_MS)
  }
}

/** Resolves when the model was asked for its nth turn; a job that ends before is an error, with how it ended. */
export async function asked(job: TriedJob, nth: number): Promise<void> {
  const early = job.done.then((result) => {
    throw new Error(`the job ended before: ${JSON.stringify(result).slice(0, 3_000)}`)
  })
  await Promise.race([job.model.asked(nth), early])
  early.catch(() => undefined)
}
