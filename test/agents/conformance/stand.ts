/**
 * Where one runtime is tried as production has it: jobs of the real runner with the real agent in the real sandbox, which
 * asks the job's own gateway, and that a model that follows a script.
 */
import { chmod } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import type { LimitFunction } from 'p-limit'
import { type JobEnding, runJob } from '../../../runner/job.ts'
import { createJobStop } from '../../../runner/job-stop.ts'
import { openRunnerSandbox } from '../../../runner/sandbox/runner-sandbox.ts'
import { jobPaths } from '../../../runner/workspace/paths.ts'
import type { JobResult } from '../../../src/contract/job.ts'
import { sandboxSettings } from '../../../src/contract/sandbox.ts'
import type { ModelRequest, Turn } from '../../model/script.ts'
import { type ScriptedModel, startModel } from '../../model/server.ts'
import { openWorkshop, type Workshop } from '../../runner/workshop.ts'
import { agentIn, processesIn } from './job-processes.ts'
import { createLeapingClock, type LeapingClock } from './leaping-clock.ts'
import type { Subject } from './subjects.ts'
import { vendors } from './vendors.ts'

/** Longest time for one job; then it is ended from outside and its cell fails. */
const JOB_MS = 120_000
const KILL_GRACE_MS = 2_000
const POLL_MS = 20
export const REPOSITORIES = ['acme/api', 'acme/web'] as const
export const BRANCH = 'switchyard/run1'

/** Where the agent finds the repositories, as its prompt tells it. */
export interface Places {
  api: string
  web: string
}

/** The turns of the model, with the paths that only the agent's prompt tells; or the one turn that this request is for. */
export type Plan = (places: Places, request: ModelRequest) => readonly Turn[] | Turn

export interface TriedJob {
  shop: Workshop
  model: ScriptedModel
  clock: LeapingClock
  /** The agent's home. */
  home: string
  /** Ends with the job. */
  done: Promise<JobResult>
  /** The agent's process, once it has started. */
  agent(): number
  /** All processes of the job, as this machine sees them. */
  processes(): number[]
}

export interface Stand {
  subject: Subject
  /** A new workshop with both repositories. */
  open(): Promise<Workshop>
  /** Begins a job as soon as there is room for it. */
  start(shop: Workshop, plan: Plan, more?: Record<string, unknown>): Promise<TriedJob>
  close(): Promise<void>
}

/** @param room how many jobs there are at the same time, of all stands together */
export function createStand(subject: Subject, room: LimitFunction): Stand {
  const shops: Workshop[] = []
  const models: ScriptedModel[] = []
  async function begin(shop: Workshop, plan: Plan, more: Record<string, unknown>): Promise<TriedJob> {
    const model = await startModel({ script: (request, nth) => turnOf(plan, request, nth) })
    models.push(model)
    const clock = createLeapingClock()
    const env = vendors(model.url)
    const runtime = subject.runtime(env)
    const plain = await shop.deps({ clock, env, runtimes: new Map([[runtime.name, runtime]]) })
    const settings = sandboxSettings({ SANDBOX: 'required', SANDBOX_HOSTS: ['none'], SANDBOX_READ: subject.reads })
    const sandbox = await openRunnerSandbox(settings, { ...plain, registries: [] })
    const spec = shop.spec(
      REPOSITORIES.map((name) => shop.leg(name, name === 'acme/api' ? {} : { role: 'consumer' })),
      [],
      { runtime: subject.choice, limits: { killGraceMs: KILL_GRACE_MS }, prompt: 'FIRST-TASK', ...more },
    )
    const stop = createJobStop()
    const over = new AbortController()
    const late = setTimeout(JOB_MS, undefined, { signal: over.signal }).then(
      () => stop.stop({ kind: 'cancelled', reason: `The job took longer than ${JOB_MS / 1_000} s.`, keep: false }),
      () => undefined,
    )
    const done = runJob({ ...plain, sandbox }, { id: spec.id, data: structuredClone(spec) }, stop)
      .then((ending) => resultOf(shop, ending))
      .finally(() => over.abort())
    done.catch(() => undefined)
    void late
    const { home } = jobPaths(shop.dataDir, spec)
    return { shop, model, clock, home, done, agent: () => agentIn(home), processes: () => processesIn(home) }
  }
  return {
    subject,
    async open() {
      const shop = await openWorkshop()
      shops.push(shop)
      // As root, jobs have users of their own, who must be able to pass through.
      await chmod(shop.dir, 0o711)
      for (const name of REPOSITORIES) await shop.repository(name)
      return shop
    },
    start: (shop, plan, more = {}) =>
      new Promise((resolve, reject) => {
        void room(async () => {
          try {
            const job = await begin(shop, plan, more)
            resolve(job)
            await job.done.catch(() => undefined)
          } catch (error) {
            reject(error)
          }
        })
      }),
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
  const turns = plan(placesOf(request), request)
  if (!('length' in turns)) return turns
  const last = turns.at(-1)
  if (last !== undefined && 'endless' in last && nth >= turns.length) return last
  return turns[nth] ?? { say: 'Done.' }
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
