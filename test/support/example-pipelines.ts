/** Runs of pipelines other than the plain one, for the tests of what is drawn from them. Made by the core itself. */
import type { LegKey } from '../../src/contract/ids.ts'
import type { Artefact, Diagnosis, Estimate, Finding, Regression, TestReport } from '../../src/contract/report.ts'
import type { RunEvent, Signal } from '../../src/pipeline/events.ts'
import { StepConfig } from '../../src/pipeline/model.ts'
import { activeStep } from '../../src/pipeline/state.ts'
import { API, BY_MONA, PLAN, queuedRun, Story, sha, story, WEB, WORK } from './example-runs.ts'

const MINUTE_MS = 60_000

/** A pipeline as a file writes it. */
export function steps(...written: (string | { kind: string; id?: string; [option: string]: unknown })[]): StepConfig[] {
  return written.map((step) => {
    const full = typeof step === 'string' ? { kind: step } : step
    return StepConfig.parse({ id: full.kind, ...full })
  })
}

/** A run of these steps that was admitted. */
export function begun(...written: Parameters<typeof steps>): Story {
  return new Story(queuedRun({}, steps(...written))).after(1, { type: 'run.admitted' })
}

/** The effect that the run waits for. */
function effect(tale: Story): string {
  const wait = activeStep(tale.run)?.status.wait
  if (wait?.for !== 'effect') throw new Error(`no effect is waited for: ${JSON.stringify(wait)}`)
  return wait.effect
}

const BOTH = { [API]: sha('a1'), [WEB]: sha('b1') }

const FINDINGS: Finding[] = [
  { kind: 'gap', severity: 'high', text: 'Which currency has the discount?', suggestion: 'The currency of the item.' },
  { kind: 'question', severity: 'medium', text: 'Is a discount of 100 % allowed?' },
  { kind: 'risk', severity: 'low', text: 'Old clients do not know `discount`.', suggestion: 'They ignore it.' },
]

/** Three questions are asked. */
export function questioned(findings: Finding[] = FINDINGS): Story {
  const brief = { brief: 'Items get a discount; the storefront shows the reduced price.', findings }
  return begun('questions', { id: 'code', kind: 'agent' }).job(2, { summary: 'Read.', findings: brief })
}

function answer(id: string | null, text: string, dismiss = false): RunEvent {
  return { type: 'command.answer', ...BY_MONA, id, text, dismiss }
}

const ARTEFACT: Artefact = { title: 'Discounts', markdown: '# Discounts\n\nAn item has a `discount` in percent, 0 to 100.\n' }
const DIAGNOSIS: Diagnosis = {
  cause: 'The price is rounded before the discount is taken off.',
  confidence: 0.9,
  evidence: [{ text: 'Rounds to cents first.', repository: 'acme/web', path: 'src/price.js', line: 12 }],
  reproduction: 'Take 10 % off 0.99.',
  remedy: 'Round last.',
}
const ESTIMATE: Estimate = {
  complexity: { value: 0.2, why: 'Two small changes.' },
  risk: { value: 0.5, why: 'It changes prices.' },
  impact: { value: 0.4, why: 'Every shop shows it.' },
}
const TEST: TestReport = {
  greenlight: false,
  outcomes: [
    { name: 'A discount of 10 % is shown', ok: true },
    { name: 'A discount of 100 % is shown', ok: false, detail: 'The price is empty.' },
  ],
  concerns: [
    { severity: 'high', text: 'Nothing is shown for free items.', repository: 'acme/web', path: 'src/price.js', line: 4 },
  ],
}
const REGRESSION: Regression = {
  confidence: 0.8,
  recommendation: 'revert',
  evidence: [{ text: 'Errors began with the deployment.' }],
}

/** The coder pushed both repositories, and their pull requests are open. */
function coded(...rest: Parameters<typeof steps>): Story {
  return begun({ id: 'code', kind: 'agent' }, ...rest)
    .job(6, WORK, BOTH)
    .opened()
}

function reported(tale: Story, signals: Signal[]): Story {
  return tale.after(1, { type: 'release.reported', effect: effect(tale), signals })
}

/** Merged by a person, and its release watched. */
function released(): Story {
  const tale = coded('merge', { kind: 'release', environment: 'production' })
  return tale
    .after(3, { type: 'command.merge', ...BY_MONA })
    .pulls()
    .merged()
    .merged()
}

const GOOD: Signal = { source: 'deployment', name: 'production of acme/web', state: 'good', detail: 'success' }
const BAD: Signal = { source: 'check', name: 'smoke', state: 'bad', detail: 'failure' }

function regressed(): Story {
  return reported(released(), [GOOD, BAD]).job(4, { summary: 'Looked.', regression: REGRESSION })
}

function withRetries(): Story {
  const run = queuedRun({}, steps({ id: 'code', kind: 'agent' }))
  const retry = { cap: 3, infrastructure: 5, gapMs: 2 * MINUTE_MS }
  return new Story({ ...run, settings: { ...run.settings, retry } }).after(1, { type: 'run.admitted' }).fail(10)
}

function pullClosed(): Story {
  const tale = coded('ci')
  const [leg] = tale.run.legs
  if (leg?.pull == null || leg.head === null) throw new Error('there is no pull request')
  const pull = { ...leg.pull, state: 'closed' } as const
  return tale.after(2, { type: 'pull.changed', leg: leg.key, pull, head: leg.head, by: 'hubot' })
}

function deployments(tale: Story): RunEvent {
  const at = (leg: LegKey, id: number) => ({
    leg,
    head: tale.run.legs.find(({ key }) => key === leg)?.head ?? sha('0'),
    id,
    environment: 'preview',
    state: 'success' as const,
    url: `https://preview.example/${leg}`,
    description: '',
  })
  return { type: 'deployments.reported', effect: effect(tale), deployments: [at(API, 1), at(WEB, 2)] }
}

function reverted(): Story {
  const tale = regressed().after(1, { type: 'command.revert', ...BY_MONA })
  const opened = tale.run.legs.flatMap(({ key, pull }) =>
    pull === null
      ? []
      : [
          {
            leg: key,
            pull: {
              ...pull,
              number: pull.number + 20,
              url: pull.url.replace(/\d+$/, (n) => `${Number(n) + 20}`),
              state: 'open' as const,
            },
          },
        ],
  )
  return tale.after(1, { type: 'reverts.opened', effect: `${tale.run.id}-reverts`, opened, failed: [] })
}

function reviewed(): Story {
  // They are taken out of draft first.
  const tale = coded('review', 'merge').pulls()
  const legs = tale.run.legs.flatMap(({ key, head, pull }) =>
    head === null || pull === null
      ? []
      : [{ leg: key, head, pull, decision: 'review-required' as const, approvedBy: [], changeRequests: [], threads: [] }],
  )
  return tale.after(1, { type: 'reviews.reported', effect: effect(tale), legs })
}

function conflicting(): Story {
  const tale = coded({ kind: 'conflicts', attempts: 0 }, 'merge')
  const pulls = tale.run.legs.flatMap(({ key, head, pull }) =>
    head === null || pull === null
      ? []
      : [{ leg: key, head, pull, base: 'main', mergeable: key === WEB ? ('dirty' as const) : ('clean' as const) }],
  )
  return tale.after(1, { type: 'pulls.reported', effect: effect(tale), pulls, checks: [] })
}

function invalid(): Story {
  const run = queuedRun({}, steps({ id: 'code', kind: 'agent' }, { kind: 'validate', attempts: 0 }))
  const validation = [{ name: 'lint', run: 'npm run lint', timeoutMs: 60_000 }]
  return new Story({ ...run, settings: { ...run.settings, validation } })
    .after(1, { type: 'run.admitted' })
    .job(6, WORK, BOTH)
    .opened()
    .job(1, { summary: 'Ran.', checks: [{ command: 'npm run lint', ok: false, output: 'src/price.js:4 no-undef\n' }] })
}

/** Each by its name; told anew at every call. */
export const PIPELINE_STORIES = {
  'questions asked': () => questioned(),
  'questions answered in part': () =>
    questioned()
      .after(5, answer('Q1', 'The currency of the item, as `Money`.'))
      .after(1, answer('Q3', '', true)),
  'questions read again': () =>
    questioned()
      .after(5, answer('Q1', 'Euro.'))
      .after(1, answer('Q2', 'No.'))
      .after(1, answer('Q3', '', true)),
  'questions settled': () =>
    questioned()
      .after(5, answer('Q1', 'Euro.'))
      .after(1, answer('Q2', 'No.'))
      .after(1, answer('Q3', '', true))
      .job(2, { summary: 'Read.', findings: { brief: 'Items get a discount in euro.', findings: [] } }),
  'decision asked': () =>
    begun({ id: 'code', kind: 'agent' }).job(3, {
      status: 'needs-decision',
      summary: 'Stuck.',
      question: 'Is the discount taken off before or after tax?',
      options: ['Before tax', 'After tax, as the old shop does'],
    } as never),
  'document approval': () => begun('document', 'approval').job(3, { summary: 'Wrote.', artefact: ARTEFACT }),
  'plan only': () => begun('plan').job(3, { summary: 'Planned.', plan: PLAN }),
  'diagnosis and estimate': () => {
    const tale = begun('investigate', 'estimate', { id: 'code', kind: 'agent', when: { complexity: 0.1 } })
    return tale.job(2, { summary: 'Found.', diagnosis: DIAGNOSIS }).job(1, { summary: 'Estimated.', estimate: ESTIMATE })
  },
  'trying again': withRetries,
  paused: () =>
    begun({ id: 'code', kind: 'agent' }).after(4, {
      type: 'command.pause',
      ...BY_MONA,
      why: 'the API moves today',
      cause: 'person',
    }),
  'pull request closed': pullClosed,
  'skipped by a person': () =>
    story('reviewing').after(2, { type: 'command.skip', ...BY_MONA, step: 'review' as never, why: 'only a typo' }),
  'tests need a person': () => coded({ kind: 'test', attempts: 0 }, 'merge').job(3, { summary: 'Tested.', test: TEST }),
  'deployed and filed': () => {
    const tale = coded({ kind: 'deploy', environment: 'preview' }, { kind: 'ticket', of: 'code' }, 'merge')
    tale.after(2, deployments(tale))
    const filed = { repository: 'acme/web', number: 40, url: 'https://github.example/acme/web/issues/40' }
    return tale.after(1, { type: 'ticket.filed', effect: effect(tale), ...filed })
  },
  'merge left to a person by the policy': () => coded({ kind: 'merge', by: 'policy' }),
  'review waited for': reviewed,
  'conflict needs a person': conflicting,
  'commands stay red': invalid,
  'release watched': () => reported(released(), [GOOD]),
  'release regressed': regressed,
  'release taken back': reverted,
  'release without data': () => reported(released().after(40, { type: 'timer.fired', timer: 'none' }), []),
} as const satisfies Record<string, () => Story>
