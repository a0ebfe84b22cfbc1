/**
 * The agent's log as it arrives, and word of every change of the run, as server-sent events. The store is looked at once
 * a second per stream; what it has is sent from the position that the reader has (`Last-Event-ID`), so a connection that
 * breaks loses and repeats nothing.
 *
 * | event | data | id |
 * |---|---|---|
 * | `lines` | a list of `{ at, start, kind, text }` | position of the last of them |
 * | `run` | `{ version, job }`: the run's version and its current job | none |
 * | `over` | the run and the job are over, and every line was sent; the stream ends | none |
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from 'hono'
import { type SSEStreamingApi, streamSSE } from 'hono/streaming'
import { z } from 'zod'
import type { JobId, RunId } from '../../../contract/ids.ts'
import { readLog, type StoredLogLine } from '../../../store/agent-log.ts'
import type { Db } from '../../../store/db.ts'
import { jobsOfRun } from '../../../store/jobs.ts'
import { getRunRow } from '../../../store/runs.ts'
import { currentJob } from './run-data.ts'

/** How often the store is looked at, in ms. */
export const LOOK_MS = 1_000
/** Lines sent at a time. */
const BATCH = 500
/** A comment is sent after so long without an event, in ms: proxies and browsers give up silent connections. */
const KEEP_ALIVE_MS = 15_000
/** Streams open at the same time: each costs three small reads per look. */
export const MAX_STREAMS = 32

export interface LogStreamOptions {
  db: Db
  lookMs: number
  maxStreams: number
  /** Ends every stream, at shutdown. */
  signal: AbortSignal
}

/** Sends streams, no more than `maxStreams` at a time. */
export function createLogStreams(options: LogStreamOptions): {
  open(context: Context, run: RunId, job: JobId | null): Response
} {
  let open = 0
  return {
    open(context, run, job) {
      if (open >= options.maxStreams) return context.text('Too many pages are open; close some and load this one again.', 503)
      open += 1
      const after = positionOf(context.req.header('last-event-id') ?? context.req.query('after'))
      return streamSSE(context, async (stream) => {
        try {
          await follow(options, stream, run, job, after)
        } finally {
          open -= 1
        }
      })
    },
  }
}

function positionOf(text: string | undefined): number {
  return z.coerce
    .number()
    .int()
    .nonnegative()
    .catch(0)
    .parse(text ?? 0)
}

async function follow(options: LogStreamOptions, stream: SSEStreamingApi, run: RunId, job: JobId | null, after: number) {
  const gone = new AbortController()
  stream.onAbort(() => gone.abort())
  const signal = AbortSignal.any([options.signal, gone.signal])
  let position = after
  let told: string | null = null
  let quietMs = 0
  while (!signal.aborted) {
    // State first: what is over cannot get lines after this look, so the lines read next are the last ones.
    const seen = await look(options.db, run, job)
    if (seen === null) return
    const lines = job === null ? [] : await readLog(options.db, job, position, BATCH)
    if (lines.length > 0) {
      position = lines.at(-1)?.position ?? position
      await stream.writeSSE({ event: 'lines', id: String(position), data: JSON.stringify(lines.map(shown)) })
    }
    if (seen.told !== told) {
      told = seen.told
      await stream.writeSSE({ event: 'run', data: told })
    } else if (lines.length === 0 && quietMs >= KEEP_ALIVE_MS) {
      quietMs = 0
      await stream.write(': still here\n\n')
    }
    if (lines.length === BATCH) continue
    if (seen.over) {
      await stream.writeSSE({ event: 'over', data: '' })
      return
    }
    quietMs = lines.length > 0 ? 0 : quietMs + options.lookMs
    await sleep(options.lookMs, undefined, { signal }).catch(() => undefined)
  }
}

function shown({ at, start, kind, text }: StoredLogLine) {
  return { at, start, kind, text }
}

/** Where run and job stand; null when the run is gone. */
async function look(db: Db, id: RunId, job: JobId | null): Promise<{ told: string; over: boolean } | null> {
  const [row, jobs] = await Promise.all([getRunRow(db, id), jobsOfRun(db, id)])
  if (row === null) return null
  const own = jobs.find((candidate) => candidate.id === job)
  const jobOver = own === undefined || own.state === 'over' || own.state === 'cancelled'
  return {
    told: JSON.stringify({ version: row.version, job: currentJob(jobs)?.id ?? null }),
    over: jobOver && !row.live,
  }
}
