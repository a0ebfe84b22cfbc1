/** A dynamic workflow that several app processes take on by turns, on Postgres and Redis, each killed while it has the script (WF-3). */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { createWorld, freePort } from '../demo/world.ts'
import { repository } from '../e2e/repositories.ts'
import { call, done } from '../e2e/script.ts'
import { startLocalGitHub } from '../github/local-github.ts'
import { missingFor, openBackend } from './backends.ts'
import { type Program, type ProgramName, startProgram } from './programs.ts'
import { until } from './until.ts'

/** Patience for one thing on a busy machine, in ms. */
const WITHIN_MS = 120_000

const SCRIPT = `export const meta = { name: 'relay', description: 'Goes from hand to hand.' }
export default async function ({ agent, parallel, log }) {
  const one = await agent('Look at one', { label: 'one' })
  const two = await agent('Look at two, after ' + one, { label: 'two' })
  const three = await agent('Look at three, after ' + two, { label: 'three' })
  log('heard ' + three)
  const pair = await parallel(['four', 'five'].map((name) => () => agent('Look at ' + name + ', after ' + three, { label: name })))
  return agent('Look at six, after ' + pair.join(' and '), { label: 'six' })
}
`
const NAMES = ['one', 'two', 'three', 'four', 'five', 'six']

const missing = missingFor('services')
test.skipIf(missing !== null)(
  `[WF-3] a workflow goes from one app to the next as they are killed, and no call is made twice${missing === null ? '' : ` (skipped: ${missing} is not set)`}`,
  { timeout: 6 * WITHIN_MS },
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'switchyard-relay-'))
    const tally = path.join(folder, 'tally')
    const gate = (name: string) => path.join(folder, `go-${name}`)
    const count = (name: string) => ({ do: 'run' as const, argv: ['sh', '-c', `echo ${name} >> ${tally}`] })
    const github = await startLocalGitHub({ dataDir: path.join(folder, 'github'), validate: 'off' })
    const backend = await openBackend('services', folder)
    const programs: Program[] = []
    const tail = () => programs.map(({ name, pid, lines }) => [`--- ${name} ${pid}`, ...lines.slice(-20)].join('\n')).join('\n')
    const counted = async () => (await readFile(tally, 'utf8').catch(() => '')).split('\n').filter((name) => name !== '')
    const wait = <T>(look: () => T | Promise<T>) => until(tail, WITHIN_MS, look)
    try {
      const port = await freePort()
      const world = await createWorld(github, {
        ...{ dataDir: folder, port },
        repositories: [repository('solo', {}, { files: { '.github/switchyard/workflows/relay.js': SCRIPT } })],
        script: {
          calls: NAMES.map((name) => {
            // The word is also in the prompts after it, so the one that begins with it is looked for.
            const held = name === 'one' || name === 'three' ? [{ do: 'wait-for' as const, file: gate(name) }] : []
            return call('researcher', `Look at ${name}`, [count(name), ...held, done(name.toUpperCase())])
          }),
        },
      })
      const start = async (name: ProgramName, env: Record<string, string> = {}): Promise<Program> => {
        const own = {
          ...world.env,
          ...backend.env,
          APP_URL: `http://127.0.0.1:${port}`,
          DEBOUNCE_MS: '50',
          RUNNER_CONCURRENCY: '2',
        }
        const program = startProgram(name, { ...own, ...env })
        programs.push(program)
        await wait(() => program.ready())
        return program
      }
      const kill = async (program: Program) => {
        program.signal('SIGKILL')
        expect((await program.exited).signal).toBe('SIGKILL')
      }
      /** Beside the one that runners and GitHub reach: it takes its share of the effects from the queue. */
      const beside = async () => start('app', { PORT: String(await freePort()) })

      await start('runner')
      const [first, second] = [await start('app'), await beside()]
      const { number } = github.as('mona').openIssue('acme/solo', { title: 'Relay', body: 'Please.' })
      github.as('mona').label('acme/solo', number, 'switchyard:workflow:relay')
      await wait(async () => (await counted()).includes('one'))
      await kill(first)
      const third = await start('app')
      await writeFile(gate('one'), '')
      await wait(async () => (await counted()).includes('three'))

      // One that never saw the script is killed when the script has gone on and the run does not know.
      await Promise.all([second, third].map(kill))
      const fourth = await start('app', { SWITCHYARD_CRASH_AT: 'script-advanced' })
      await writeFile(gate('three'), '')
      expect((await wait(() => fourth.ended()))?.signal).toBe('SIGKILL')

      await Promise.all([start('app'), beside()])
      const status = () =>
        github
          .inspect()
          .comments('acme/solo', number)
          .find(({ body }) => body.includes('Switchyard · ready'))
      expect((await wait(status))?.body).toContain('SIX')
      expect((await counted()).toSorted()).toEqual(NAMES.toSorted())
    } finally {
      for (const program of programs) if (program.ended() === null) program.signal('SIGKILL')
      await Promise.all(programs.map(({ exited }) => exited))
      await backend.remove()
      await github.stop()
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    }
  },
)
