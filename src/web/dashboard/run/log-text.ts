import type { Context } from 'hono'
import { stream } from 'hono/streaming'
import type { JobId } from '../../../contract/ids.ts'
import { readLog, type StoredLogLine } from '../../../store/agent-log.ts'
import type { Db } from '../../../store/db.ts'

/** Lines read at a time. */
const BATCH = 1_000

/** A job's whole log so far, as plain text. */
export function logText(context: Context, db: Db, job: JobId): Response {
  context.header('content-type', 'text/plain; charset=utf-8')
  return stream(context, async (out) => {
    let position = 0
    while (!out.aborted) {
      const lines = await readLog(db, job, position, BATCH)
      position = lines.at(-1)?.position ?? position
      await out.write(lines.map(line).join(''))
      if (lines.length < BATCH) return
    }
  })
}

function line({ at, kind, text }: StoredLogLine): string {
  return `${at} ${kind.padEnd(6)} ${text}\n`
}
