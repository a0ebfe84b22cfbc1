/**
 * The dashboard: pages made on the server, read-only, for this machine only (`loopback.ts`). Nothing on them is loaded
 * from elsewhere, nothing inline is executed, and every value is escaped where it is put in (`html.ts`).
 */
import { type Context, Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import type { Logger } from 'pino'
import { RunId } from '../../contract/ids.ts'
import type { Instant } from '../../pipeline/model.ts'
import { listDeliveries } from '../../store/deliveries.ts'
import type { JobRow } from '../../store/jobs.ts'
import { getRunRow } from '../../store/runs.ts'
import type { Store } from '../../store/store.ts'
import { loadAssets } from './assets.ts'
import { loadBoard } from './board-data.ts'
import { boardPage } from './board-page.ts'
import { DELIVERIES_SHOWN, deliveriesPage } from './deliveries-page.ts'
import type { Frame } from './layout.ts'
import { loopbackOnly } from './loopback.ts'
import { failedPage, notFoundPage, refusedPage } from './notice-pages.ts'
import { loadQueue, queuePage } from './queue-page.ts'
import { createLogStreams, LOOK_MS, MAX_STREAMS } from './run/log-stream.ts'
import { logText } from './run/log-text.ts'
import { jobOfRun, loadRun } from './run/run-data.ts'
import { runPage } from './run/run-page.ts'
import { loadSchedules, schedulesPage } from './schedules-page.ts'

/** A year: an asset's address changes with its content. */
const ASSETS_KEPT = 'public, max-age=31536000, immutable'

export interface DashboardOptions {
  store: Store
  /** The web address of GitHub, without a slash at its end. */
  serverUrl: string
  /** Switchyard's own version. */
  version: string
  now(): Instant
  log: Pick<Logger, 'error'>
  /** Ends the open streams, at shutdown. */
  signal?: AbortSignal
  /** How often a stream looks at the store, in ms. */
  lookMs?: number
  /** Streams open at the same time; a further one is refused. */
  maxStreams?: number
}

/** Pages at `/`; mount it after everything else, because it answers every other GET with its 404 page. */
export function dashboard(options: DashboardOptions): Hono {
  const { store, serverUrl, now, log, lookMs = LOOK_MS, maxStreams = MAX_STREAMS } = options
  const { signal = new AbortController().signal } = options
  const { db } = store
  const frame: Frame = { assets: loadAssets(), version: options.version }
  const streams = createLogStreams({ db, lookMs, maxStreams, signal })
  const notFound = (context: Context) => context.html(notFoundPage(frame), 404)

  const pages = new Hono()
  pages.use(headers)
  // Before the guard: a refusal needs them, and there is nothing of anybody in them.
  for (const { path, type, body } of frame.assets.all) {
    pages.get(path, (context) => context.body(body, 200, { 'content-type': type, 'cache-control': ASSETS_KEPT }))
  }
  pages.use(loopbackOnly((context, why) => context.html(refusedPage(frame, why), 403)))
  pages.use(async (context, next) => {
    await next()
    if (!context.res.headers.has('cache-control')) context.header('cache-control', 'no-store')
  })
  pages.onError((error, context) => {
    log.error({ err: error, path: context.req.path }, 'Dashboard page failed')
    return context.html(failedPage(frame), 500)
  })

  pages.get('/', async (context) => context.html(boardPage(frame, await loadBoard(db), now())))
  pages.get('/queue', async (context) => context.html(queuePage(frame, await loadQueue(db, now()), now())))
  pages.get('/schedules', async (context) => context.html(schedulesPage(frame, await loadSchedules(db), serverUrl, now())))
  pages.get('/deliveries', async (context) =>
    context.html(deliveriesPage(frame, await listDeliveries(db, { limit: DELIVERIES_SHOWN }), now())),
  )
  pages.get('/runs/:run', async (context) => {
    const id = RunId.safeParse(context.req.param('run'))
    const view = id.success ? await loadRun(db, id.data, context.req.query('job'), now()) : null
    return view === null ? notFound(context) : context.html(runPage(frame, view, serverUrl, now()))
  })
  pages.get('/runs/:run/log', async (context) => {
    const found = await find(options, context)
    return found === null ? notFound(context) : streams.open(context, found.run, found.job?.id ?? null)
  })
  pages.get('/runs/:run/log.txt', async (context) => {
    const found = await find(options, context)
    if (found === null) return notFound(context)
    return found.job === null ? context.text('') : logText(context, db, found.job.id)
  })
  pages.get('*', notFound)
  return pages
}

/** The run and job of an address; null when there is no such run, or the job is not one of it. */
async function find({ store }: DashboardOptions, context: Context): Promise<{ run: RunId; job: JobRow | null } | null> {
  const run = RunId.safeParse(context.req.param('run'))
  if (!run.success || (await getRunRow(store.db, run.data)) === null) return null
  const asked = context.req.query('job')
  const job = await jobOfRun(store.db, run.data, asked)
  return job === null && asked !== undefined ? null : { run: run.data, job }
}

const headers = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
  // Only over TLS does it mean anything, and this is loopback.
  strictTransportSecurity: false,
})
