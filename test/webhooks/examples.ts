import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { z } from 'zod'

const Examples = z.array(z.object({ name: z.string(), examples: z.array(z.record(z.string(), z.unknown())) }))

/** Every example payload that Octokit publishes, with its event's name. */
export function examplePayloads(): { event: string; index: number; payload: Record<string, unknown> }[] {
  const path = createRequire(import.meta.url).resolve('@octokit/webhooks-examples')
  const events = Examples.parse(JSON.parse(readFileSync(path, 'utf8')))
  return events.flatMap(({ name, examples }) => examples.map((payload, index) => ({ event: name, index, payload })))
}
