/** A store as it looks in the middle of a day: three repositories, and a run in each state that the board tells apart. */
import { type LegKey, RunId } from '../../src/contract/ids.ts'
import type { Plan, Verdict } from '../../src/contract/report.ts'
import type { Leg, Run } from '../../src/pipeline/model.ts'
import { newRun } from '../../src/pipeline/new-run.ts'
import { markDelivery } from '../../src/store/deliveries.ts'
import { seenRunner } from '../../src/store/runners.ts'
import type { Store } from '../../src/store/store.ts'
import { storeDelivery } from '../../src/store/store-delivery.ts'
import { aTask, defaultSteps, legKey, sha, someSettings } from '../support/core/build.ts'
import { failedJob } from '../support/core/results.ts'
import { MONA, type StoredRun, storeRun } from './stored-run.ts'

const MINUTE_MS = 60_000
const API = legKey('acme__api')
const STOREFRONT = legKey('acme__storefront')
const DOCS = legKey('acme__docs')
const IDS: Record<LegKey, number> = { [API]: 21, [STOREFRONT]: 22, [DOCS]: 23 }

const PLAN: Plan = {
  summary:
    'Items get an optional `discount` in percent. The API validates and returns it; the storefront shows the reduced price.',
  repositories: [
    { repository: 'acme/api', role: 'provider', why: 'It owns items and their prices.' },
    { repository: 'acme/storefront', role: 'consumer', why: 'It shows them.' },
    { repository: 'acme/docs', role: 'reference', why: 'Only to read how prices are described.' },
  ],
  files: [
    { repository: 'acme/api', path: 'src/items.js', change: 'Read, check (0 to 100) and return `discount`.' },
    { repository: 'acme/api', path: 'test/items.test.js', change: 'Cover the limits.' },
    { repository: 'acme/storefront', path: 'src/price.js', change: 'Show the reduced price beside the old one.' },
  ],
  risks: ['Clients that do not know `discount` go on showing the full price.'],
  testPlan: ['`npm test` in both repositories'],
  mergeOrder: ['acme/api', 'acme/storefront'],
  openQuestions: [],
}
const HARSH: Verdict = {
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
const KIND: Verdict = { rating: 0.92, summary: 'Limits are checked, and both sides agree.', comments: [] }

/** A queued run about an issue of acme. */
export function acmeRun(id: string, repository: LegKey, number: number, title: string): Run {
  const name = repository.replace('__', '/')
  const task = aTask({
    repository: name,
    repositoryId: IDS[repository] ?? 99,
    number,
    title,
    url: `https://github.com/${name}/issues/${number}`,
    author: MONA.login,
    requestedBy: MONA,
  })
  const legs = [leg(API, 'provider', repository), leg(STOREFRONT, 'consumer', repository), leg(DOCS, 'reference', repository)]
  const settings = someSettings({ merge: { by: 'auto', method: 'squash' } })
  return newRun({ id: RunId.parse(id), task, pipeline: 'default', steps: defaultSteps(), settings, legs }, Date.now())
}

function leg(key: LegKey, role: Leg['role'], primary: LegKey) {
  const repository = key.replace('__', '/')
  return {
    key,
    repositoryId: IDS[key] ?? 99,
    repository,
    cloneUrl: `https://github.com/${repository}.git`,
    role: key === primary && role === 'consumer' ? 'primary' : role,
    access: role === 'reference' ? 'read' : 'write',
    baseBranch: 'main',
    workBranch: 'switchyard/add-a-discount',
  } as const
}

/** A run that was created so many minutes ago. */
async function past(store: Store, run: Run, minutes: number): Promise<StoredRun> {
  const at = Date.now() - minutes * MINUTE_MS
  return storeRun(store, { ...run, createdAt: at }, at)
}

async function toReview(tale: StoredRun): Promise<void> {
  await tale.wait(1).send({ type: 'run.admitted' })
  await tale.begin()
  await tale.wait(2).plan(PLAN, { inputTokens: 18_000, outputTokens: 2_400, costUsd: 0.14 })
  await tale.wait(9).approve()
  await tale.begin()
  const usage = { inputTokens: 61_000, outputTokens: 7_204, costUsd: 0.41 }
  await tale.wait(6).work('Items carry a discount in percent; the price shown takes it into account.', HEADS, usage)
  await tale.open({ [API]: 12, [STOREFRONT]: 31 })
}

const HEADS = { [API]: sha('api 1'), [STOREFRONT]: sha('storefront 1') }
const REWORKED = { [API]: sha('api 2'), [STOREFRONT]: sha('storefront 1') }

async function toChecks(tale: StoredRun): Promise<void> {
  await toReview(tale)
  await tale.wait(2).grade(HARSH, { inputTokens: 20_000, outputTokens: 900, costUsd: 0.09 })
  await tale
    .wait(2)
    .work('The discount is kept within 0 and 100.', REWORKED, { inputTokens: 22_000, outputTokens: 2_000, costUsd: 0.12 })
  await tale.wait(2).grade(KIND, { inputTokens: 19_000, outputTokens: 700, costUsd: 0.08 })
}

/** Fills the store; gives the run whose fixer is at work. */
export async function seedDay(store: Store): Promise<StoredRun> {
  const done = await past(store, acmeRun('d7m2', STOREFRONT, 28, 'Round prices to whole cents'), 210)
  await toChecks(done)
  await done.wait(2).checks({})
  await done.mergeAll()

  const failed = await past(store, acmeRun('f4q8', DOCS, 3, 'Describe the order of migrations'), 130)
  await failed.wait(1).send({ type: 'run.admitted' })
  await failed.wait(12).end(failedJob('timeout-inactivity'))

  const waiting = await past(store, acmeRun('w5t1', API, 41, 'Paginate the list of orders'), 16)
  await waiting.wait(1).send({ type: 'run.admitted' })
  await waiting.wait(3).plan(PLAN, { inputTokens: 16_400, outputTokens: 2_100, costUsd: 0.12 })

  const coding = await past(store, acmeRun('c2x6', STOREFRONT, 33, 'Let people sort the basket by price'), 14)
  await coding.wait(1).send({ type: 'run.admitted' })
  await coding.wait(2).plan(PLAN, { inputTokens: 12_000, outputTokens: 1_800, costUsd: 0.1 })
  await coding.wait(4).approve()
  await coding.begin()
  await coding.progress(3, 8)

  const checking = await past(store, acmeRun('h8v3', API, 39, 'Answer 404 for items that were taken out'), 47)
  await toChecks(checking)
  await checking.wait(1).checks({ [API]: 'pending' })

  const fixing = await past(store, acmeRun('k3f9', STOREFRONT, 31, 'Show a discount on items'), 29)
  await toChecks(fixing)
  await fixing.wait(2).checks({ [STOREFRONT]: 'failure' })
  await fixing.wait(1).begin()
  await fixing.log(FIXING)

  await past(store, acmeRun('q1a5', API, 44, 'Log slow queries with their plan'), 4)
  await past(store, acmeRun('q6b7', DOCS, 9, 'Explain how refunds are booked'), 2)
  await seedRunners(store, fixing.job(), coding.job())
  await seedDeliveries(store)
  return fixing
}

const FIXING = [
  ['runner', 'Checked out acme/api at 2fd11c0 and acme/storefront at 9a41d3e (warm, 0.4 s)'],
  ['runner', 'Started the agent: command'],
  ['text', 'The storefront’s check "test" is red. I read what it says first.'],
  ['tool', 'Read acme__storefront/test/price.test.js'],
  ['tool', 'Bash: npm test'],
  ['result', 'not ok 3 - shows the reduced price\n  expected: "€ 45.00"\n  actual:   "€ 45"\n# pass 11\n# fail 1'],
  ['error', 'npm test ended with code 1'],
  [
    'text',
    'The price lost its cents: `price - price * discount / 100` is a number, and it is printed without a format. The same helper that prints the full price must print the reduced one.',
  ],
  ['tool', 'Edit acme__storefront/src/price.js'],
  ['result', "- return '€ ' + reduced\n+ return formatPrice(reduced)"],
  ['tool', 'Bash: npm test'],
  ['result', '# pass 12\n# fail 0'],
  ['text', 'Green here. I commit, and look at the API’s tests once more before I report.'],
] as const

async function seedRunners(store: Store, ...active: string[]): Promise<void> {
  const runtimes = [
    { name: 'command', version: null, ready: true },
    { name: 'claude', version: '2.1.0', ready: true },
    { name: 'codex', version: null, ready: false, why: 'not installed' },
  ]
  const sandbox = { mode: 'required', has: 'whole' } as const
  await seenRunner(store.db, { runner: 'runner-1', version: '0.1.0', concurrency: 2, active, runtimes, sandbox })
  await seenRunner(store.db, {
    runner: 'runner-2',
    version: '0.1.0',
    concurrency: 4,
    active: [],
    runtimes: runtimes.slice(0, 2),
  })
}

async function seedDeliveries(store: Store): Promise<void> {
  const kinds = [
    ['check_run', 'completed', 'done'],
    ['check_suite', 'completed', 'done'],
    ['push', null, 'done'],
    ['issue_comment', 'edited', 'ignored'],
    ['pull_request', 'opened', 'done'],
    ['issues', 'labeled', 'done'],
    ['installation', 'created', 'failed'],
    ['issue_comment', 'created', 'stored'],
  ] as const
  for (const [index, [event, action, state]] of kinds.entries()) {
    const id = `6f1c0a${index}e-8d7b-11f0-9a3c-0242ac12000${index}`
    const receivedAt = Date.now() - (kinds.length - index) * 1.7 * MINUTE_MS
    await storeDelivery(store.db, {
      ...{ id, event, action, installationId: 1, repositoryId: 21, payload: {} },
      receivedAt: Math.round(receivedAt),
    })
    const error = state === 'failed' ? 'GitHub answered 403: Resource not accessible by integration' : null
    if (state !== 'stored') await markDelivery(store.db, id, state, error)
  }
}
