/** A job of its own, in a workshop of its own, for an attack that shares none. */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { JobResult } from '../../../src/contract/job.ts'
import { openWorkshop, type Step, success, type Workshop } from '../../runner/workshop.ts'

/** What no attack may come to know. */
export const CANARY = 'canary-4711-of-the-host'

export interface Done {
  readonly shop: Workshop
  readonly result: JobResult
  /** Everything that the app was told: results, progress, log lines. */
  readonly told: string
}

/** Prepares the workshop, and gives the agent's steps; `secret` is a file of the host with {@link CANARY} in it. */
export type Plot = (
  shop: Workshop,
  secret: string,
) =>
  | Promise<{ steps: readonly Step[]; legs?: readonly object[]; more?: object }>
  | { steps: readonly Step[]; legs?: readonly object[]; more?: object }

/** Has an agent do it in a job on `acme/api`, and looks at what came of it. */
export async function withJob<T>(plot: Plot, look: (done: Done) => Promise<T> | T): Promise<T> {
  const shop = await openWorkshop()
  try {
    await shop.repository('acme/api')
    const secret = path.join(shop.dir, 'secret.txt')
    await writeFile(secret, JSON.stringify({ status: 'success', summary: CANARY }))
    const { steps, legs = [{}], more = {} } = await plot(shop, secret)
    const spec = shop.spec(
      legs.map((leg) => shop.leg('acme/api', { ...leg })),
      steps,
      { ...more },
    )
    const { result } = await shop.run(spec)
    const told = JSON.stringify([shop.app.results, shop.app.progress])
    return await look({ shop, result, told })
  } finally {
    await shop.close()
  }
}

/** The sentence of a job that failed. */
export function failureOf({ result }: Pick<Done, 'result'>): string | null {
  return result.status === 'failed' ? `${result.failure.cause}: ${result.failure.message}` : null
}

/** What its people are told in words: how it failed, its notes, the agent's log. */
export function saidOf(done: Done): string | null {
  return failureOf(done) ?? (done.result.notes.length > 0 ? done.result.notes.join(' ') : null)
}

export async function textOf(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch(() => '')
}

export { success }
