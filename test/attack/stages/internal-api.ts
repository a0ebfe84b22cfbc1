/** The app's internal API while a job is at work: as a guesser asks it, and as a runner that was taken over. */
import { writeFile } from 'node:fs/promises'
import { jobPath } from '../../../src/contract/api.ts'
import type { Yard } from '../../e2e/harness.ts'
import { stage } from '../scene.ts'
import { AT_WORK, yardOf } from './yard.ts'

/** How much of the log is looked through. */
const LOG_LINES = 10_000

export interface AtWork {
  readonly yard: Yard
  /** The job that is at work. */
  readonly job: string
  ask(path: string, body: unknown, secret?: string | null): Promise<{ status: number; text: string }>
}

export type Endpoint = Parameters<typeof jobPath>[1]
export { jobPath }

export const atWorkOf = stage(async (scene) => {
  const yard = await yardOf(scene)
  const task = yard.task({ title: 'A job at work', label: 'switchyard:quickly' })
  const status = await task.status()
  const run = /status run=(\w+)/.exec(status)?.[1] ?? ''
  const job = `${run}-code-1`
  const started = () => yard.log.last(LOG_LINES).some((line) => line.includes('Job started') && line.includes(job))
  await yard.waitFor(started, 'the job at work')
  const opened: AtWork = {
    yard,
    job,
    async ask(path, body, secret = yard.app.secret) {
      const response = await fetch(`http://127.0.0.1:${yard.world.port}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(secret === null ? {} : { authorization: `Bearer ${secret}` }) },
        body: JSON.stringify(body),
      })
      return { status: response.status, text: await response.text() }
    },
  }
  return { stage: opened, close: () => writeFile(yard.signalFile(AT_WORK), '') }
})
