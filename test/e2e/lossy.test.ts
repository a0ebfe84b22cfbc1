/**
 * The demo's thread while GitHub loses, doubles, delays and shuffles deliveries. Each thread has a seed of its own, and all
 * of them run at the same time in one app: what it costs is what the agents' work costs.
 */
import { expect, test } from 'vitest'
import { endOf, namesOf, playThread, seedOf, threadRepositories, threadScript } from './lossy-thread.ts'
import { useSwitchyard } from './use-switchyard.ts'

/** Seeds in the ordinary suite: a thread is three agents, a dozen pushes and fetches, and three jobs of CI. */
const FEW = [1, 4] as const
/** Seeds with `LOSSY_SEEDS=all`; `LOSSY_SEEDS=26-50` takes a part of them. */
const ALL = [1, 50] as const
const [FROM, TO] = range(process.env.LOSSY_SEEDS)
const COUNT = TO - FROM + 1
const SEEDS = Array.from({ length: COUNT }, (_, index) => FROM + index)
/** Patience for all threads together, in ms: three quarters of a minute each on a machine that has other things to do. */
const PATIENCE_MS = 120_000 + COUNT * 45_000
/** Between two looks for what was lost, in ms: few threads wait for it, many are kept from their work by it. */
const PACE_MS = 900 + COUNT * 60
/** How long the last effects may take, in ms. */
const SETTLES = { timeout: 60_000, interval: 250 } as const

const yard = useSwitchyard({
  validate: 'off',
  repositories: SEEDS.flatMap(threadRepositories),
  script: { calls: SEEDS.flatMap(threadScript) },
  env: {
    SWEEP_MISSED_DELIVERIES_MS: String(PACE_MS),
    SWEEP_RECONCILE_MS: String(5 * PACE_MS),
    SWEEP_CHECKS_MS: String(5 * PACE_MS),
    RUNNER_CONCURRENCY: '4',
  },
})

function range(wanted: string | undefined): readonly [number, number] {
  if (wanted === undefined) return FEW
  const [, from, to] = /^(\d+)-(\d+)$/.exec(wanted) ?? []
  return from === undefined || to === undefined ? ALL : [Number(from), Number(to)]
}

test(`[ING-5] [ING-6] with 30 % of the deliveries lost, 30 % doubled and all shuffled, ${COUNT} threads end the same`, {
  timeout: 2 * PATIENCE_MS,
}, async () => {
  const { github, waitFor } = yard()
  github.faults.deliveries({ drop: 0.3, double: 0.3, delay: [0, 400], shuffle: 8, seed: 1, seedOf })
  const tasks = await Promise.all(SEEDS.map(async (seed) => ({ seed, task: await playThread(yard(), seed, PATIENCE_MS) })))
  await waitFor(
    () =>
      github
        .inspect()
        .deliveries()
        .every(({ statusCode }) => statusCode !== null),
    'all deliveries tried',
  )
  const dropped = github
    .inspect()
    .deliveries()
    .filter(({ statusCode }) => statusCode === 0)
  expect(dropped.length).toBeGreaterThan(SEEDS.length)
  for (const { seed, task } of tasks) {
    // What came late is looked at and shown to no end; then it has to stand like this.
    const end = async () => ({ thread: namesOf(seed).app, ...(await endOf(yard(), seed, task)) })
    await expect.poll(end, SETTLES).toEqual({
      thread: namesOf(seed).app,
      run: 'done',
      active: null,
      runs: 1,
      left: 0,
      jobs: ['planner', 'coder', 'fixer'],
      pulls: [['merged'], ['merged']],
      merges: ['lib', 'app'],
      checked: true,
      issue: 'closed',
      stateLabels: ['switchyard/done'],
      startLabels: [],
      statusComments: 1,
      comments: 1,
      twice: [],
      approvals: 1,
    })
  }
})
