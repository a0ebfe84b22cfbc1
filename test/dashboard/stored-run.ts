/** Runs in a store, led through their pipeline by the core itself, for the dashboard's tests and pictures. */
import type { HeadSha, JobId, LegKey } from '../../src/contract/ids.ts'
import { CONTRACT_VERSION, type JobResult, JobSpec, type Usage } from '../../src/contract/job.ts'
import type { LogLine } from '../../src/contract/progress.ts'
import type { Plan, Report, Verdict } from '../../src/contract/report.ts'
import { decide } from '../../src/pipeline/decide.ts'
import type { CheckSeen, RunEvent } from '../../src/pipeline/events.ts'
import type { Leg, Run } from '../../src/pipeline/model.ts'
import { activeStep, changedLegs, latestOutput, openLegs, shownState } from '../../src/pipeline/state.ts'
import type { Actor } from '../../src/pipeline/task.ts'
import { appendLog } from '../../src/store/agent-log.ts'
import { appendHistory } from '../../src/store/history.ts'
import { insertJob, recordProgress, startJob, storeResult } from '../../src/store/jobs.ts'
import { insertRun } from '../../src/store/runs.ts'
import { saveAll } from '../../src/store/save-run.ts'
import type { Store } from '../../src/store/store.ts'
import { sha } from '../support/core/build.ts'
import { aCheck, aPull, checksOf, finished, pullSeen, pushed } from '../support/core/results.ts'

const MINUTE_MS = 60_000
export const SECRET_NONCE = 'nonce-that-nobody-may-see'
export const MONA: Actor = { login: 'mona', id: 5 }
const ON_DASHBOARD = { kind: 'dashboard' } as const

export interface StoredRun {
  readonly run: Run
  /** Time passes. */
  wait(minutes: number): StoredRun
  send(event: RunEvent): Promise<void>
  /** The job that is waited for. */
  job(): JobId
  /** A runner takes the job. */
  begin(): Promise<JobId>
  /** Lines of the agent of the running job, a few seconds apart. */
  log(lines: readonly (readonly [LogLine['kind'], string])[]): Promise<void>
  progress(done: number, total: number): Promise<void>
  plan(plan: Plan, usage?: Usage): Promise<void>
  approve(): Promise<void>
  /** The agent's work ends, pushed to these legs. */
  work(summary: string, heads: Record<LegKey, HeadSha>, usage?: Usage): Promise<void>
  grade(verdict: Verdict, usage?: Usage): Promise<void>
  end(result: JobResult): Promise<void>
  open(numbers: Record<LegKey, number>): Promise<void>
  checks(conclusions: Record<LegKey, CheckSeen['conclusion']>): Promise<void>
  mergeAll(): Promise<void>
}

export async function storeRun(store: Store, created: Run, at: number): Promise<StoredRun> {
  const { db } = store
  let run = created
  let now = at
  const seqs = new Map<JobId, number>()
  await insertRun(db, run, shownState(run), { priority: false })
  const { login } = run.task.requestedBy
  await appendHistory(db, run.id, 0, now, [{ what: 'run.created', who: login, text: 'labelled the issue' }])

  const effect = (): string => {
    const wait = activeStep(run)?.status.wait
    if (wait?.for !== 'effect') throw new Error(`no effect is waited for: ${JSON.stringify(activeStep(run)?.status)}`)
    return wait.effect
  }
  const self: StoredRun = {
    get run() {
      return run
    },
    wait(minutes) {
      now += minutes * MINUTE_MS
      return self
    },
    async send(event) {
      const decision = decide(run, event, now)
      if (decision.run === run) throw new Error(`nothing came of ${event.type}`)
      run = decision.run
      await saveAll(db, { ...decision, state: shownState(run) }, now)
      for (const { kind, ...asked } of decision.effects) {
        if (kind === 'enqueue-job' && 'job' in asked) await insertJob(db, specOf(run, asked.job), now)
      }
    },
    job() {
      const wait = activeStep(run)?.status.wait
      if (wait?.for !== 'job') throw new Error(`no job is waited for: ${JSON.stringify(activeStep(run)?.status)}`)
      return wait.job
    },
    async begin() {
      const job = self.job()
      await startJob(db, job, 'runner-1', now)
      return job
    },
    async log(lines) {
      const job = self.job()
      const from = seqs.get(job) ?? 0
      seqs.set(job, from + lines.length)
      const dated = lines.map(([kind, text], index) => {
        const seq = from + index
        return { seq, at: new Date(now + seq * 3_700).toISOString(), kind, text }
      })
      await appendLog(db, job, 1, dated)
    },
    async progress(todosDone, todosTotal) {
      await recordProgress(db, self.job(), 1, { phase: 'agent', todosDone, todosTotal, usage: {} }, now)
    },
    plan: (plan, usage) => self.end(reported({ summary: 'A plan.', plan }, [], usage)),
    async approve() {
      const hash = latestOutput(run, 'plan')?.hash ?? null
      await self.send({ type: 'command.approve', actor: MONA, trigger: ON_DASHBOARD, hash, text: null })
    },
    async work(summary, heads, usage) {
      const legs = run.legs.flatMap((leg) => {
        const head = heads[leg.key]
        return head === undefined ? [] : [pushed(leg, head)]
      })
      await self.end(reported({ summary, title: 'Show discounts on items' }, legs, usage))
    },
    grade: (verdict, usage) => self.end(reported({ summary: 'Graded.', verdict }, [], usage)),
    async end(result) {
      const job = self.job()
      await startJob(db, job, 'runner-1', now)
      await self.send({ type: 'job.finished', job, result })
      await storeResult(db, job, 1, result, now)
      await storeResult(db, job, 2, result, now)
    },
    async open(numbers) {
      const opened = changedLegs(run).map((leg) => ({
        leg: leg.key,
        pull: pullOf(leg, numbers[leg.key] ?? 1),
        head: leg.head ?? sha(leg.key),
      }))
      await self.send({ type: 'pulls.opened', effect: effect(), opened, failed: [] })
    },
    async checks(conclusions) {
      const legs = openLegs(run).map(({ key, head }) =>
        checksOf(key, head, [aCheck(conclusions[key] ?? 'success')], { expectsChecks: true }),
      )
      await self.send({ type: 'checks.reported', effect: effect(), legs })
    },
    async mergeAll() {
      const pulls = openLegs(run).map((leg) => pullSeen(leg, 'clean'))
      const checks = openLegs(run).map(({ key, head }) => checksOf(key, head, [aCheck()]))
      await self.send({ type: 'pulls.reported', effect: effect(), pulls, checks })
      while (run.status.state === 'active') {
        const next = openLegs(run).toSorted((a, b) => run.mergeOrder.indexOf(a.key) - run.mergeOrder.indexOf(b.key))[0]
        if (next?.pull === undefined || next.pull === null) throw new Error('nothing is left to merge')
        const merged = { state: 'merged', draft: false, mergedAt: new Date(now).toISOString(), mergeSha: sha('merge') } as const
        const pull = { ...next.pull, ...merged }
        await self.send({ type: 'pull.merged', effect: effect(), leg: next.key, head: next.head, pull })
      }
    },
  }
  return self
}

function reported(report: Partial<Report> & { summary: string }, legs: JobResult['legs'], usage: Usage = {}): JobResult {
  return { ...finished({ status: 'success', nonce: SECRET_NONCE, ...report } as Report, legs), usage }
}

function pullOf(leg: Leg, number: number) {
  return aPull(number, { url: `https://github.com/${leg.repository}/pull/${number}` })
}

function specOf(run: Run, id: JobId): JobSpec {
  const step = activeStep(run) ?? run.steps[0]
  return JobSpec.parse({
    version: CONTRACT_VERSION,
    id,
    run: run.id,
    step: step?.id,
    epoch: step?.epoch,
    role: 'coder',
    mode: 'code',
    runtime: { name: 'command', command: ['true'] },
    instructions: 'Do it.',
    prompt: 'The task.',
    reportShape: 'work',
    nonce: SECRET_NONCE,
    legs: run.legs.map(({ key, repositoryId, repository, cloneUrl, role, access, baseBranch, workBranch }) => ({
      ...{ key, repositoryId, repository, cloneUrl, role, access, baseBranch, workBranch },
    })),
    allowedHosts: ['github.com'],
    limits: {},
    author: { name: 'switchyard[bot]', email: 'switchyard@example.com' },
  })
}
