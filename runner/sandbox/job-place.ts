/**
 * The place of one job: its sandbox with the two ways out of it, the model gateway and the allow-list proxy. Where the runner
 * has no sandbox the job's programs work beside the runner, if both the runner's owner and the job put up with that.
 */
import path from 'node:path'
import process from 'node:process'
import type { JobSpec } from '../../src/contract/job.ts'
import { type DeniedHost, summedDenied } from '../../src/contract/sandbox.ts'
import { jobMarks } from '../agent-environment.ts'
import type { AgentTask } from '../agents/runtime.ts'
import { startProxy } from '../egress/proxy.ts'
import { openJobGateway } from '../gateway/job-gateway.ts'
import type { JobDeps } from '../job-deps.ts'
import { bareLauncher, type Launcher, type Program, watched } from '../launcher.ts'
import type { OpenJob } from '../open-job.ts'
import { jobMark } from '../watch/process-tree.ts'
import { type JobPaths, mirrorPath } from '../workspace/paths.ts'
import { holdingLauncher } from './hold-together.ts'
import { giveTo, jobUser } from './job-user.ts'
import { launch } from './launch.ts'
import { openSandbox } from './open-sandbox.ts'
import type { RunnerSandbox } from './runner-sandbox.ts'
import { openSockets } from './sockets.ts'
import { withoutSandbox } from './without-sandbox.ts'

/** The port of the sandbox's loopback that leads to the allow-list proxy. */
export const PROXY_PORT = 3128
/** The port of the sandbox's loopback that leads to the model gateway. */
export const GATEWAY_PORT = 3129

/** Where a job's programs are started. */
export interface JobPlace {
  readonly launch: Launcher
  /** Where the model is asked in place of the vendor; null where the runner has no key to keep, or no agent works. */
  readonly gateway: NonNullable<AgentTask['gateway']> | null
  /** To be awaited before each program that is started after the host wrote into the job's folders: they become the job's. */
  ready(): Promise<void>
  /** Connections that were refused so far. */
  denied(): DeniedHost[]
  /** What people are to know of it. */
  readonly notes: readonly string[]
  close(): Promise<void>
}

/**
 * Opens the place of a job whose workspace is ready. Throws a `SwitchyardError` of cause `config` where there is no sandbox
 * and the job may not do without.
 */
export async function openJobPlace(deps: JobDeps, job: OpenJob, spec: JobSpec, paths: JobPaths): Promise<JobPlace> {
  const { sandbox } = deps
  const place =
    sandbox.host === null ? await openBare(deps, job, spec, sandbox) : await openInside(deps, job, spec, paths, sandbox)
  // From here on what is written is the job's own: the checkouts are there, and its user's.
  return { ...place, launch: watched(place.launch, deps.use.job([paths.work, paths.home, paths.report])) }
}

type Missing = Extract<RunnerSandbox, { host: null }>
type Present = Exclude<RunnerSandbox, Missing>

async function openBare(deps: JobDeps, job: OpenJob, spec: JobSpec, sandbox: Missing): Promise<JobPlace> {
  const { mode, why, holder } = sandbox
  const { required, hosts } = spec.sandbox
  // A narrowed network cannot be kept to without a sandbox; whoever switched that off has taken it on himself.
  if (required || (hosts !== undefined && mode === 'auto')) throw withoutSandbox(`${why}.`)
  const gateway = spec.mode === 'validate' ? null : await openJobGateway(deps, job)
  const unkept = hosts === undefined ? [] : ['This runner has no sandbox, so the network of this job was not narrowed.']
  const mark = jobMark(deps.dataDir, spec.id)
  const marks = jobMarks(deps.dataDir, spec.id)
  return {
    launch: holder === null ? bareLauncher(mark, marks) : holdingLauncher(holder, mark, marks),
    gateway: gateway?.access ?? null,
    ready: async () => undefined,
    denied: () => [],
    notes: [...sandbox.notes, ...unkept],
    close: async () => gateway?.close(),
  }
}

async function openInside(
  deps: JobDeps,
  job: OpenJob,
  spec: JobSpec,
  paths: JobPaths,
  { host, allowed, privateHosts }: Present,
): Promise<JobPlace> {
  const user = jobUser(paths.root)
  const sockets = await openSockets(user, deps.dataDir)
  const closing: (() => Promise<void>)[] = [() => sockets.remove()]
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).reverse()) await end()
  }
  try {
    const within = spec.sandbox.hosts === undefined ? {} : { within: spec.sandbox.hosts }
    const proxy = await startProxy({ socket: sockets.at('proxy'), allowed: await allowed, privateHosts, ...within })
    closing.push(() => proxy.close())
    await sockets.give('proxy')
    const at = { listen: { socket: sockets.at('gateway') }, port: GATEWAY_PORT }
    const gateway = spec.mode === 'validate' ? null : await openJobGateway(deps, job, at)
    if (gateway !== null) {
      closing.push(() => gateway.close())
      await sockets.give('gateway')
    }
    const forwarded = [
      { name: 'proxy', port: PROXY_PORT, socket: sockets.at('proxy') },
      ...(gateway === null ? [] : [{ name: 'gateway', port: GATEWAY_PORT, socket: sockets.at('gateway') }]),
    ]
    const mirrors = spec.legs.map((leg) => mirrorPath(deps.dataDir, leg))
    const sandbox = await openSandbox(host, { paths, mirrors, forwarded })
    return {
      launch: (program) => launch(sandbox, { ...program, env: insideEnv(program.env) }),
      gateway: gateway?.access ?? null,
      // What the agent made itself is its own already: the work is handed over once.
      ready: async () => (user === null ? undefined : await giveTo(user, [paths.home, paths.report, paths.task])),
      denied: () => summedDenied(proxy.denied()),
      notes: [],
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The runner's own Node is the last that is found: it is there inside, whatever else of PATH is not. */
function insideEnv(env: Program['env']): Record<string, string> {
  const PATH = [env.PATH ?? '/usr/local/bin:/usr/bin:/bin', path.dirname(process.execPath)].join(path.delimiter)
  return { ...env, ...PROXY_ENV, PATH }
}

const PROXY_URL = `http://127.0.0.1:${PROXY_PORT}`
const DIRECT = 'localhost,127.0.0.1,::1'

/** By which programs find the proxy: each has its own custom of writing the names. */
const PROXY_ENV = {
  HTTP_PROXY: PROXY_URL,
  HTTPS_PROXY: PROXY_URL,
  NO_PROXY: DIRECT,
  http_proxy: PROXY_URL,
  https_proxy: PROXY_URL,
  no_proxy: DIRECT,
  // Node's own fetch; see https://nodejs.org/api/http.html#built-in-proxy-support.
  NODE_USE_ENV_PROXY: '1',
} as const
