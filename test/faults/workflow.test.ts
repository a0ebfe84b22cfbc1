/** A dynamic workflow whose process is killed between any two durable writes: the same end, and no call is paid for twice (WF-3). */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { createWorld, freePort } from '../demo/world.ts'
import { repository } from '../e2e/repositories.ts'
import { call, change, done } from '../e2e/script.ts'
import { startLocalGitHub } from '../github/local-github.ts'
import { type Program, startProgram } from './programs.ts'
import { until } from './until.ts'

/** Patience for a busy machine, in ms. */
const WAIT_MS = 120_000

const SCRIPT = `export const meta = { name: 'steps', description: 'One after the other.' }
export default async function ({ agent, log, collect }) {
  const one = await agent('Look at the first', { label: 'first' })
  log('heard ' + one)
  const two = await agent('Look at the second, after ' + one, { label: 'second' })
  await agent('Write down ' + two, { label: 'write', isolation: 'worktree' })
  const { merged } = await collect()
  return { title: 'Steps', markdown: 'Heard **' + one + '** and **' + two + '**, merged ' + merged + '.' }
}
`

const CASES = [
  ['calls-journaled', 2, "the first call's result is in the journal, the script does not know"],
  ['script-advanced', 3, 'the script asked for the next call, the run does not know'],
  ['job-enqueued', 2, 'the second call is in the journal and a job, in no queue'],
  ['result-stored', 2, "the second call's result is stored, the runner not told"],
] as const
/** All of them where `CRASH_TESTS` is `all`, as in CI; else the two in which most is at stake. */
const WANTED = CASES.filter((_, index) => process.env.CRASH_TESTS === 'all' || index < 2)

test.each(WANTED)(
  '[WF-3] killed at %s #%i (%s): the same end, and every call was done once',
  { timeout: 3 * WAIT_MS },
  async (point, nth) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'switchyard-workflow-'))
    const tally = path.join(folder, 'tally')
    const counted = (word: string) => ({ do: 'run' as const, argv: ['sh', '-c', `echo ${word} >> ${tally}`] })
    const github = await startLocalGitHub({ dataDir: path.join(folder, 'github'), validate: 'off' })
    const programs: Program[] = []
    try {
      const world = await createWorld(github, {
        dataDir: folder,
        port: await freePort(),
        repositories: [repository('solo', {}, { files: { '.github/switchyard/workflows/steps.js': SCRIPT } })],
        script: {
          calls: [
            call('researcher', 'Look at the second, after A', [done('B'), counted('second')]),
            call('researcher', 'Look at the first', [done('A'), counted('first')]),
            call('coder', 'Write down B', [...change('b.txt', 'B\n'), done('Wrote B.'), counted('write')]),
          ],
        },
      })
      const env = { ...world.env, APP_URL: `http://127.0.0.1:${world.port}`, DEBOUNCE_MS: '50' }
      const start = (more: Record<string, string> = {}) => {
        const program = startProgram('start', { ...env, ...more })
        programs.push(program)
        return program
      }
      const first = start({ SWITCHYARD_CRASH_AT: `${point}#${nth}` })
      const tail = () => programs.map(({ lines }) => lines.slice(-30).join('\n')).join('\n---\n')
      await until(
        () => `the start\n${tail()}`,
        WAIT_MS,
        () => first.ready(),
      )
      const { number } = github.as('mona').openIssue('acme/solo', { title: 'Steps', body: 'Please.' })
      github.as('mona').label('acme/solo', number, 'switchyard:workflow:steps')
      const { signal } = await until(
        () => `the kill\n${tail()}`,
        WAIT_MS,
        () => first.ended(),
      )
      expect(signal).toBe('SIGKILL')
      const second = start()
      const status = () =>
        github
          .inspect()
          .comments('acme/solo', number)
          .find(({ body }) => body.includes('Switchyard · ready'))
      const text = await until(
        () => `the end\n${github.inspect().comments('acme/solo', number)[0]?.body}\n${tail()}`,
        WAIT_MS,
        status,
      )
      expect(text.body).toContain('Heard **A** and **B**, merged 1.')
      expect((await readFile(tally, 'utf8')).trim().split('\n')).toEqual(['first', 'second', 'write'])
      expect(github.inspect().pulls('acme/solo')).toHaveLength(1)
      second.signal('SIGTERM')
      expect((await second.exited).code).toBe(0)
    } finally {
      for (const program of programs) if (program.ended() === null) program.signal('SIGKILL')
      await Promise.all(programs.map(({ exited }) => exited))
      await github.stop()
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    }
  },
)
