/** Which session a later job of the same step goes on in, with real processes. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { commandRuntime } from '../../runner/agents/command.ts'
import { systemClock } from '../../runner/clock.ts'
import { SESSION_MAX_AGE_MS } from '../../runner/sessions.ts'
import { openWorkshop, type Step, success, type Workshop } from './workshop.ts'

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop()
  await shop.repository('acme/api', { 'src/index.js': '41\n', 'service/a.js': '1\n' })
  await shop.repository('acme/web')
})
afterEach(async () => {
  await shop.close()
})

const RESUME = { job: 'run1-code-1', session: 'session-1' }
const work = (file: string): Step[] => [
  { do: 'event', event: { type: 'session', id: 'session-1' } },
  { do: 'sh', script: `touch $SWITCHYARD_SESSION_DIR/memory; echo ${file} > ${file}; git add -A; git commit -qm ${file}` },
]
/** What the second job finds: the session it is told, whether the first one's memory is there, and its prompt. */
const look = (): Step => ({
  do: 'sh',
  script: `echo "resume=$SWITCHYARD_RESUME memory=$(ls $SWITCHYARD_SESSION_DIR)" > ${shop.dir}/seen; cp $SWITCHYARD_PROMPT_FILE ${shop.dir}/prompt`,
})

const noop: Step = { do: 'report', report: { status: 'noop', summary: 'S', reason: 'R' } }

interface Change {
  legs?: ReturnType<Workshop['leg']>[]
  spec?: object
  runtime?: string
  laterMs?: number
}

/** Two jobs of one step, one after the other; the second asks to go on in the first one's session. */
async function second({ legs = [shop.leg('acme/api')], spec = {}, runtime = 'command', laterMs = 1_000 }: Change = {}) {
  const runtimes = new Map(['command', 'other'].map((name) => [name, { ...commandRuntime(), name }]))
  let ahead = 0
  const deps = { runtimes, clock: { ...systemClock, now: () => systemClock.now() + ahead } }
  await shop.run(shop.spec([shop.leg('acme/api')], [...work('one.txt'), success()]), deps)
  ahead = laterMs
  const later = { id: 'run1-code-2', epoch: 2, prompt: 'THE-WHOLE-TASK', resume: RESUME, ...spec }
  const job = shop.spec(legs, [look(), noop], later)
  const { result } = await shop.run({ ...job, runtime: { ...job.runtime, name: runtime } }, deps)
  const read = async (name: string) => (await readFile(path.join(shop.dir, name), 'utf8')).trim()
  return { result, seen: await read('seen'), prompt: await read('prompt') }
}

test('[AGT-6] the same runtime, role, repositories, branch and folder: the session is gone on with', async () => {
  const { result, seen } = await second()
  expect(seen).toBe('resume=session-1 memory=memory')
  expect(result).toMatchObject({ status: 'finished', session: 'session-1', report: { status: 'noop' } })
  expect(result.notes.join()).not.toContain('fresh')
})

test('[AGT-6] a little less than two hours later it still is', async () => {
  expect((await second({ laterMs: SESSION_MAX_AGE_MS - 60_000 })).seen).toContain('resume=session-1')
})

const FRESH: [string, () => Change][] = [
  ['another runtime', () => ({ runtime: 'other' })],
  ['two hours later', () => ({ laterMs: SESSION_MAX_AGE_MS + 1 })],
  ['another role', () => ({ spec: { role: 'fixer' } })],
  ['another set of repositories', () => ({ legs: [shop.leg('acme/api'), shop.leg('acme/web', { role: 'consumer' })] })],
  ['another branch', () => ({ legs: [shop.leg('acme/api', { workBranch: 'switchyard/other' })] })],
  ['another folder', () => ({ legs: [shop.leg('acme/api', { directory: 'service' })] })],
  ['another session', () => ({ spec: { resume: { ...RESUME, session: 'session-2' } } })],
  ['another job', () => ({ spec: { resume: { ...RESUME, job: 'run1-code-0' } } })],
]

test.each(FRESH)(
  '[AGT-6] %s: a fresh session with the whole context, nothing of the old one, and it is said',
  async (_what, change) => {
    const { result, seen, prompt } = await second(change())
    expect(seen).toBe('resume= memory=')
    expect(prompt).toContain('THE-WHOLE-TASK')
    expect(result.notes).toContain('The earlier session is not on this runner; a fresh one was started.')
  },
)
