import { type SQL, sql } from 'drizzle-orm'
import type { RunId } from '../contract/ids.ts'

/**
 * A new job's place among the waiting, fair between repositories (start-time fair queueing): one behind the last live job
 * of its run's repository, but not before what is being worked on. So a repository with a long queue is taken from in turn
 * with all others, nobody starves, and within a repository the oldest goes first.
 */
export function turnOf(run: RunId): SQL<number> {
  const live = sql`select j.turn, j.state, r.repository_id from jobs j join runs r on r.id = j.run_id where j.state in ('queued', 'running')`
  return sql<number>`(
    with live as (${live}) select greatest(
      (select max(turn) + 1 from live where repository_id = (select repository_id from runs where id = ${run})),
      coalesce((select max(turn) from live where state = 'running'), (select min(turn) from live), 1)))`
}
