import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { Failure } from '../src/contract/failure.ts'
import { type JobSpec, LegResult, Usage } from '../src/contract/job.ts'
import { Report } from '../src/contract/report.ts'
import type { JobPaths } from './workspace/paths.ts'

const Leg = z.object({
  key: z.string(),
  baseTip: z.string(),
  remoteHead: z.string().nullable(),
  start: z.string(),
  resumed: z.boolean(),
  onBase: z.boolean(),
  commit: z.string(),
  committedForAgent: LegResult.shape.committedForAgent,
  leftOut: LegResult.shape.leftOut,
  notes: z.array(z.string()),
})

const Agent = z.object({
  expired: Failure.nullable(),
  stopped: z.boolean(),
  outcome: z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true) }),
    z.object({ ok: z.literal(false), failure: Failure }),
  ]),
  read: z.discriminatedUnion('status', [
    z.object({ status: z.literal('good'), report: Report }),
    z.object({ status: z.literal('missing') }),
    z.object({ status: z.literal('void'), faults: z.array(z.string()) }),
    z.object({ status: z.literal('malformed'), faults: z.array(z.string()) }),
  ]),
  session: z.string().nullable(),
  notes: z.array(z.string()),
})

const Journal = z.object({
  id: z.string(),
  nonce: z.string(),
  start: z.int().positive(),
  legs: z.array(Leg),
  agent: Agent,
  notes: z.array(z.string()),
  usage: Usage,
  toolCalls: z.int().nonnegative(),
})

/** What is known once the agent has ended and its work is committed: all that pushing and reporting need. */
export type Journal = z.infer<typeof Journal>

/**
 * Writes down that the agent's part is done, whole or not at all. A runner that is killed while it pushes or reports goes
 * on from here instead of paying for the agent again.
 */
export async function writeJournal(paths: JobPaths, journal: Journal): Promise<void> {
  await writeFile(`${paths.journal}.new`, JSON.stringify(journal), { mode: 0o600 })
  await rename(`${paths.journal}.new`, paths.journal)
}

/** What the start just before this one wrote down, if it was on this machine and came so far; else null. */
export async function readJournal(
  paths: JobPaths,
  spec: Pick<JobSpec, 'id' | 'nonce' | 'legs'>,
  start: number,
): Promise<Journal | null> {
  const journal = await anyJournal(paths)
  if (journal === null) return null
  const same = journal.id === spec.id && journal.nonce === spec.nonce && journal.start === start - 1
  return same && journal.legs.length === spec.legs.length ? journal : null
}

/** What the earlier job whose held work is to be pushed wrote down, if it was on this machine; else null. */
export async function readHeldJournal(paths: JobPaths, spec: Pick<JobSpec, 'pushes' | 'legs'>): Promise<Journal | null> {
  const journal = spec.pushes === undefined ? null : await anyJournal(paths)
  return journal?.id === spec.pushes && journal?.legs.length === spec.legs.length ? journal : null
}

async function anyJournal(paths: JobPaths): Promise<Journal | null> {
  try {
    const parsed = Journal.safeParse(parsedJson(await readFile(paths.journal, 'utf8')))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

export async function removeJournal(paths: JobPaths): Promise<void> {
  await rm(paths.journal, { force: true })
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
