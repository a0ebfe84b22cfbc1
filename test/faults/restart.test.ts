/** Kills at any time, stops in the middle of the work, a second start: what else a restart must stand. */
import { access } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { type BackendName, missingFor } from './backends.ts'
import { BUSY_GOES_ON_WITHIN_SECONDS } from './crash-table.ts'
import type { Ending } from './ending.ts'
import { workGoesOn } from './going-on.ts'
import { finish, onStage, runRandomCase, runUndisturbed } from './run-case.ts'
import type { Stage } from './stage.ts'
import { until } from './until.ts'

const CASE_MS = 300_000
/** Longest wait for a moment of the thread, in ms. */
const MOMENT_MS = 90_000
/** A stopping program is gone within this, in s: JOB-10. */
const STOPS_WITHIN_SECONDS = 20
const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000)
const BACKENDS = (['embedded', 'services'] as const).filter((name) => missingFor(name) === null)

const MERGED = {
  issue: { state: 'closed', labels: ['switchyard/done'], comments: ['switchyard[bot]: switchyard:status'] },
  merges: ['acme/api', 'acme/storefront'],
} satisfies Partial<Ending>

// A minute more: only where more crash tests are asked for, as in CI.
if (process.env.CRASH_TESTS !== undefined) {
  test('[ING-3] killed at a random moment, three times over: the same end', { timeout: CASE_MS }, async (context) => {
    const { ending, ms } = await runUndisturbed({ backend: 'embedded', thread: 'short' })
    const random = numbers(SEED)
    for (let round = 0; round < 3; round += 1) {
      const backend: BackendName = BACKENDS[round % BACKENDS.length] ?? 'embedded'
      const killed = backend === 'embedded' ? 'start' : random() < 0.5 ? 'app' : 'runner'
      const afterMs = Math.round(random() * 0.8 * ms)
      await context.annotate(`CRASH_SEED=${SEED}: ${killed} on ${backend} killed ${afterMs} ms after the label`)
      const outcome = await runRandomCase(backend, killed, afterMs)
      expect(outcome).toMatchObject({ signal: 'SIGKILL', ending })
      expect(outcome.seconds).toBeLessThan(BUSY_GOES_ON_WITHIN_SECONDS)
    }
  })
}

test.each(BACKENDS)(
  '[JOB-10] stopped by SIGTERM while the agent works, on %s: what it committed is pushed, the job is handed back and goes on',
  { timeout: CASE_MS },
  (backend) =>
    onStage({ backend, thread: 'short', held: 'coder' }, async (stage) => {
      await stage.startAll()
      stage.begin()
      await until(
        () => `the coder at work\n${stage.tail()}`,
        MOMENT_MS,
        () => isThere(stage),
      )
      const stopping = stage.programs.findLast(({ name }) => name !== 'app')
      const from = Date.now()
      stopping?.signal('SIGTERM')
      expect(await stopping?.exited).toMatchObject({ code: 0, signal: null })
      expect((Date.now() - from) / 1_000).toBeLessThan(STOPS_WITHIN_SECONDS)
      expect(Object.keys(await stage.github.inspect().branches('acme/api'))).toHaveLength(2)

      const restarted = stage.start(backend === 'embedded' ? 'start' : 'runner')
      const [wentOn] = await Promise.all([workGoesOn(stage, restarted), stage.letGo()])
      expect((wentOn - from) / 1_000).toBeLessThan(2 * STOPS_WITHIN_SECONDS)
      const { ending } = await finish(stage)
      expect(ending).toMatchObject(MERGED)
      expect(ending.repositories['acme/api']?.history).toEqual([
        'Merge pull request #2 from acme/switchyard/1-add-a-discount-to-items-RUN',
        'Answer the discount of an item',
        'Initial commit',
      ])
      const app = stage.programs.filter(({ name }) => name !== 'runner').flatMap(({ lines }) => lines)
      expect(app.filter((line) => /"job":"\w+-code-1".*"start":2.*"Job started"/.test(line))).toHaveLength(1)
    }),
)

test('a person approves while nobody listens: GitHub is asked for what it could not deliver', { timeout: CASE_MS }, () =>
  onStage({ backend: 'embedded', thread: 'short' }, async (stage) => {
    await stage.startAll()
    stage.begin({ approve: false })
    await until(
      () => `the plan's box\n${stage.tail()}`,
      MOMENT_MS,
      () => stage.canApprove(),
    )
    await killAll(stage)
    stage.approve()
    await stage.github.idle()
    await stage.startAll()
    expect((await finish(stage)).ending).toMatchObject(MERGED)
  }),
)

test('a second process on the same data folder is refused, and says what to do', { timeout: CASE_MS }, () =>
  onStage({ backend: 'embedded', thread: 'short' }, async (stage) => {
    await stage.startAll()
    const [first] = stage.programs
    const second = stage.start('start', { PORT: '0' })
    expect(await second.exited).toEqual({ code: 1, signal: null })
    const said = second.lines.join('\n')
    expect(said).toMatch(/The data folder \S+ is in use by another Switchyard process \(pid \d+\)\. Stop that one, or /)
    expect(said).not.toMatch(/^\s+at /m)
    stage.begin()
    expect((await finish(stage)).ending).toMatchObject(MERGED)
    expect(first?.ended()).toEqual({ code: 0, signal: null })
  }),
)

async function killAll(stage: Stage): Promise<void> {
  for (const program of stage.programs) program.signal('SIGKILL')
  await Promise.all(stage.programs.map((program) => program.exited))
}

async function isThere({ reachedFile }: Stage): Promise<boolean> {
  return access(reachedFile).then(
    () => true,
    () => false,
  )
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
