/**
 * Numbers in Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/. Only what a query
 * over live rows gives: its cost does not grow with past runs.
 */
import { JOBS_QUEUE } from '../contract/api.ts'
import type { Instant } from '../pipeline/model.ts'
import { DELIVERIES_QUEUE, EFFECTS_QUEUE, WAKE_QUEUE } from '../queue/names.ts'
import type { Queues } from '../queue/open-queue.ts'
import { activeCounts, queuedRuns } from '../store/admission.ts'
import type { Db } from '../store/db.ts'
import { listUnprocessed } from '../store/deliveries.ts'
import { liveJobs } from '../store/jobs.ts'

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Deliveries counted at most: beyond it, it is "very many". */
const UNPROCESSED_MAX = 10_000

export interface WriteTotals {
  total: number
  byRoute: ReadonlyMap<string, number>
}

export interface Metric {
  name: string
  type: 'gauge' | 'counter'
  help: string
  samples: { labels: Record<string, string>; value: number }[]
}

export interface MetricSources {
  db: Db
  queues: Pick<Queues, 'depth'>
  version: string
  now: Instant
  writes: WriteTotals | undefined
}

export async function gather({ db, queues, version, now, writes }: MetricSources): Promise<Metric[]> {
  const names = [DELIVERIES_QUEUE, EFFECTS_QUEUE, WAKE_QUEUE, JOBS_QUEUE] as const
  const [queued, active, jobs, unprocessed, depths] = await Promise.all([
    queuedRuns(db),
    activeCounts(db),
    liveJobs(db),
    listUnprocessed(db, now, UNPROCESSED_MAX),
    Promise.all(names.map(async (queue) => ({ queue, depth: await queues.depth(queue) }))),
  ])
  const jobsIn = (state: string) => jobs.filter((job) => job.state === state).length
  const metrics: Metric[] = [
    gauge('switchyard_info', 'The version that runs.', [{ labels: { version }, value: 1 }]),
    gauge('switchyard_runs_live', 'Runs that are not over.', [
      { labels: { state: 'queued' }, value: queued.length },
      { labels: { state: 'active' }, value: active.total },
    ]),
    gauge('switchyard_jobs_live', 'Agent jobs that are not over.', [
      { labels: { state: 'queued' }, value: jobsIn('queued') },
      { labels: { state: 'running' }, value: jobsIn('running') },
    ]),
    gauge('switchyard_deliveries_unprocessed', `Webhooks stored and not interpreted yet, up to ${UNPROCESSED_MAX}.`, [
      { labels: {}, value: unprocessed.length },
    ]),
    gauge(
      'switchyard_queue_depth',
      'What is in the queues.',
      depths.flatMap(({ queue, depth }) =>
        Object.entries(depth).map(([state, value]) => ({ labels: { queue, state }, value: Number(value) })),
      ),
    ),
  ]
  if (writes === undefined) return metrics
  const samples = [...writes.byRoute].map(([route, value]) => ({ labels: { route }, value }))
  return [
    ...metrics,
    { name: 'switchyard_github_writes_total', type: 'counter', help: 'Writes to GitHub since the start.', samples },
  ]
}

function gauge(name: string, help: string, samples: Metric['samples']): Metric {
  return { name, type: 'gauge', help, samples }
}

/** The text that Prometheus reads. */
export function writeMetrics(metrics: readonly Metric[]): string {
  return metrics
    .flatMap(({ name, type, help, samples }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(({ labels, value }) => `${name}${labelled(labels)} ${value}`),
      '',
    ])
    .join('\n')
}

function labelled(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value.replaceAll(/[\\"\n]/g, escaped)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`
}
