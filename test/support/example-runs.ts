/** Runs in every state, for the tests of what is drawn from them. Made by the core itself, event by event. */
import { HeadSha, LegKey, RunId } from '../../src/contract/ids.ts'
import { JobLimits, type JobResult } from '../../src/contract/job.ts'
import { OutputLimits } from '../../src/contract/output-limits.ts'
import type { Report, Verdict } from '../../src/contract/report.ts'
import { decide } from '../../src/pipeline/decide.ts'
import type { CheckSeen, LegChecks, RunEvent } from '../../src/pipeline/events.ts'
import { type Leg, type Run, StepConfig } from '../../src/pipeline/model.ts'
import { newRun } from '../../src/pipeline/new-run.ts'
import type { RunSettings } from '../../src/pipeline/run-settings.ts'
import { activeStep, changedLegs } from '../../src/pipeline/state.ts'

const MINUTE_MS = 60_000
/** 2026-03-04 14:00 UTC. */
export const EXAMPLE_START = Date.UTC(2026, 2, 4, 14, 0)

export const API = LegKey.parse('acme__api')
export const WEB = LegKey.parse('acme__web')
const DOCS = LegKey.parse('acme__docs')

/** A commit id that is easy to tell from others. */
export function sha(digits: string): HeadSha {
  return HeadSha.parse(digits.repeat(40).slice(0, 40))
}

const STEPS = [
  ['plan', 'plan'],
  ['approval', 'approval'],
  ['code', 'agent'],
  ['review', 'companion'],
  ['ci', 'ci'],
  ['merge', 'merge'],
] as const

function leg(key: LegKey, repositoryId: number, role: Leg['role']) {
  const repository = key.replace('__', '/')
  const cloneUrl = `https://github.example/${repository}.git`
  const workBranch = 'switchyard/k3f9-add-a-discount-to-items'
  return { key, repositoryId, repository, cloneUrl, role, access: 'write', baseBranch: 'main', workBranch } as const
}

/** The steps of the pipeline `default` as the stories tell it. */
const DEFAULT_STEPS: readonly StepConfig[] = STEPS.map(([id, kind]) => StepConfig.parse({ id, kind }))

/** A run that waits for its place. */
export function queuedRun(task: Partial<Run['task']> = {}, steps: readonly StepConfig[] = DEFAULT_STEPS): Run {
  const runtime = { name: 'claude', model: 'sonnet' }
  const settings: RunSettings = {
    roles: { default: { runtime, limits: JobLimits.parse({}), instructions: '' } },
    merge: { by: 'person', method: 'squash' },
    prefix: '/yard',
    escalateMs: 120 * MINUTE_MS,
    noChecksGraceMs: 90_000,
    sweepMs: 5 * MINUTE_MS,
    debounceMs: 2_000,
    retry: { cap: 0, infrastructure: 0, gapMs: 0 },
    protectedPaths: [],
    protectedManifests: true,
    validation: [],
    reviewQuietMs: 60_000,
    approvers: [],
    output: OutputLimits.parse({}),
    budgets: {},
  }
  return newRun(
    {
      id: RunId.parse('k3f9'),
      task: {
        installationId: 1,
        repositoryId: 11,
        repository: 'acme/web',
        thread: 'issue',
        number: 7,
        url: 'https://github.example/acme/web/issues/7',
        title: 'Items should have a discount',
        body: 'Some items are on sale. Show the reduced price.',
        author: 'mona',
        requestedBy: { login: 'mona', id: 5 },
        linked: [],
        ...task,
      },
      pipeline: 'default',
      steps: [...steps],
      settings,
      legs: [leg(API, 10, 'provider'), leg(WEB, 11, 'primary'), leg(DOCS, 12, 'reference')],
    },
    EXAMPLE_START,
  )
}

/** Decides events one after the other, each so many minutes after the start. */
export class Story {
  run: Run
  now = EXAMPLE_START

  constructor(run: Run = queuedRun()) {
    this.run = run
  }

  after(minutes: number, event: RunEvent): this {
    this.now += minutes * MINUTE_MS
    this.run = decide(this.run, event, this.now).run
    // Before a person is asked to merge, the pull requests are taken out of draft.
    const step = activeStep(this.run)
    const asksAPerson = step?.kind === 'merge' && step.status.wait.for === 'effect' && this.run.settings.merge.by !== 'auto'
    return asksAPerson && changedLegs(this.run).some(({ pull }) => pull?.draft === true) ? this.pulls() : this
  }

  /** The running job ends with this report; `heads` are the legs it pushed. */
  job(minutes: number, report: Partial<Report> & { summary: string }, heads: Partial<Record<string, HeadSha>> = {}): this {
    const wait = activeStep(this.run)?.status.wait
    if (wait?.for !== 'job') throw new Error(`no job runs in ${this.run.id}: ${JSON.stringify(this.run.status)}`)
    return this.after(minutes, { type: 'job.finished', job: wait.job, result: this.result(report, heads) })
  }

  fail(minutes: number): this {
    const wait = activeStep(this.run)?.status.wait
    if (wait?.for !== 'job') throw new Error('no job runs')
    const failure = {
      cause: 'timeout-inactivity',
      message: 'No byte from the agent for 10 min.',
      detail: '$ npm test\n> waiting for the debugger\n',
    } as const
    return this.after(minutes, {
      type: 'job.finished',
      job: wait.job,
      result: { ...this.outcome({}), status: 'failed', failure },
    })
  }

  private result(report: Partial<Report> & { summary: string }, heads: Partial<Record<string, HeadSha>>): JobResult {
    return {
      ...this.outcome(heads),
      status: 'finished',
      report: { status: 'success', nonce: 'n'.repeat(16), ...report } as Report,
    }
  }

  private outcome(heads: Partial<Record<string, HeadSha>>) {
    return {
      legs: this.run.legs.map(({ key, repositoryId }) => ({
        key,
        repositoryId,
        base: sha('0'),
        head: heads[key] ?? this.run.legs.find((one) => one.key === key)?.head ?? null,
        ahead: heads[key] === undefined ? 0 : 1,
        push: { status: heads[key] === undefined ? 'unchanged' : 'pushed' } as const,
        changedFiles:
          heads[key] === undefined ? [] : [{ path: 'src/items.js', status: 'modified' as const, additions: 9, deletions: 2 }],
        committedForAgent: [],
        leftOut: [],
      })),
      usage: { inputTokens: 24_000, outputTokens: 3_068, costUsd: 0.14 },
      notes: [],
      startedAt: new Date(this.now).toISOString(),
      endedAt: new Date(this.now).toISOString(),
    }
  }

  opened(): this {
    const wait = activeStep(this.run)?.status.wait
    if (wait?.for !== 'effect') throw new Error('nothing is being opened')
    const opened = changedLegs(this.run).map((one, index) => ({
      leg: one.key,
      pull: pull(one.repository, 12 + index),
      head: one.head ?? sha(one.key),
    }))
    return this.after(0, { type: 'pulls.opened', effect: wait.effect, opened, failed: [] })
  }

  checks(minutes: number, conclusion: CheckSeen['conclusion']): this {
    const wait = activeStep(this.run)?.status.wait
    if (wait?.for !== 'effect') throw new Error('no checks are asked for')
    return this.after(minutes, { type: 'checks.reported', effect: wait.effect, legs: this.legChecks(conclusion) })
  }

  /** The failing jobs cannot be run again, so a fixer works on them. */
  notRerun(): this {
    const wait = activeStep(this.run)?.status.wait
    if (wait?.for !== 'effect') throw new Error('nothing is run again')
    return this.after(0, { type: 'checks.rerun', effect: wait.effect, rerun: 0, refused: 'the permission is missing' })
  }

  private legChecks(conclusion: CheckSeen['conclusion']): LegChecks[] {
    const words = { url: null, title: null, summary: null, annotations: [], log: null }
    const check: CheckSeen = { name: 'test', source: 'check-run', conclusion, ...words }
    return changedLegs(this.run).map(({ key, head }) => ({
      leg: key,
      head,
      checks: [check],
      required: [],
      expectsChecks: true,
      redOnBase: [],
    }))
  }

  pulls(): this {
    const wait = activeStep(this.run)?.status.wait
    if (wait?.for !== 'effect') throw new Error('no pull requests are asked for')
    const pulls = changedLegs(this.run).flatMap((one) =>
      one.pull === null
        ? []
        : [{ leg: one.key, pull: { ...one.pull, draft: false }, head: one.head, base: 'main', mergeable: 'clean' as const }],
    )
    return this.after(0, { type: 'pulls.reported', effect: wait.effect, pulls, checks: this.legChecks('success') })
  }

  merged(): this {
    const wait = activeStep(this.run)?.status.wait
    if (wait?.for !== 'effect') throw new Error('nothing is being merged')
    const [next] = changedLegs(this.run)
      .filter((one) => one.mergedSha === null)
      .toSorted((a, b) => this.run.mergeOrder.indexOf(a.key) - this.run.mergeOrder.indexOf(b.key))
    if (next?.pull === null || next === undefined) throw new Error('nothing is left to merge')
    const pulled = {
      ...next.pull,
      state: 'merged',
      draft: false,
      mergedAt: new Date(this.now).toISOString(),
      mergeSha: sha('f'),
    } as const
    return this.after(0, { type: 'pull.merged', effect: wait.effect, leg: next.key, head: next.head, pull: pulled })
  }
}

function pull(repository: string, number: number): NonNullable<Leg['pull']> {
  const url = `https://github.example/${repository}/pull/${number}`
  return { number, nodeId: `PR_${number}`, url, state: 'open', draft: true, mergedAt: null, mergeSha: null }
}

const MONA = { login: 'mona', id: 5 }
export const BY_MONA = { actor: MONA, trigger: { kind: 'dashboard' } } as const

export const PLAN = {
  summary: 'Add `discount` to items in the API, then show the reduced price in the storefront.',
  repositories: [
    { repository: 'acme/api', role: 'provider', why: 'It owns items.' },
    { repository: 'acme/web', role: 'consumer', why: 'It shows them.' },
  ],
  files: [
    { repository: 'acme/api', path: 'src/items.js', change: 'Read, check and return `discount`.' },
    { repository: 'acme/web', path: 'src/price.js', change: 'Show the reduced price.' },
  ],
  risks: ['Old clients ignore the new field; that does no harm.'],
  testPlan: ['npm test in both repositories'],
  mergeOrder: ['acme/api', 'acme/web'],
  openQuestions: [],
} satisfies NonNullable<Report['plan']>

export const WORK = {
  title: 'Show discounts on items',
  summary: 'Items carry a discount in percent, and the price shown takes it into account.',
  checks: [{ command: 'npm test', ok: true }],
}

export const HARSH: Verdict = {
  rating: 0.5,
  summary: 'Nothing keeps the discount under 100.',
  comments: [
    {
      body: 'A discount of 150 makes the price negative.',
      severity: 'high',
      repository: 'acme/api',
      path: 'src/items.js',
      line: 12,
    },
  ],
}
const KIND: Verdict = { rating: 0.9, summary: 'Looked at both differences; the fix is right.', comments: [] }

/** The story of the default pipeline, up to the named moment. */
export function story(until: keyof typeof MOMENTS, task: Partial<Run['task']> = {}): Story {
  const tale = new Story(queuedRun(task))
  for (const [moment, tell] of Object.entries(MOMENTS)) {
    tell(tale)
    if (moment === until) break
  }
  return tale
}

const MOMENTS = {
  queued: (tale: Story) => tale,
  planning: (tale: Story) => tale.after(1, { type: 'run.admitted' }),
  'needs approval': (tale: Story) => tale.job(2, { summary: 'Planned.', plan: PLAN }),
  coding: (tale: Story) =>
    tale.after(12, { type: 'command.approve', ...BY_MONA, hash: hashOf(tale.run), text: 'Keep it small.' }),
  opening: (tale: Story) => tale.job(6, WORK, { [API]: sha('a1'), [WEB]: sha('b1') }),
  reviewing: (tale: Story) => tale.opened(),
  reworking: (tale: Story) => tale.job(3, { summary: 'Graded.', verdict: HARSH }),
  'reviewing again': (tale: Story) =>
    tale.job(2, { ...WORK, summary: `${WORK.summary} It is kept within 0 and 100.` }, { [API]: sha('a2') }),
  'asking for checks': (tale: Story) => tale.job(3, { summary: 'Graded.', verdict: KIND }),
  'waiting for checks': (tale: Story) => tale.checks(0, 'pending'),
} as const

function hashOf(run: Run): string {
  const output = run.steps[0]?.output
  return output?.kind === 'plan' ? output.hash : ''
}
