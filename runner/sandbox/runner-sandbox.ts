/** The sandbox of a runner: whether it has one, decided once at start, and what all its jobs have in common. */
import { realpath } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { SwitchyardError } from '../../src/contract/failure.ts'
import type { RunnerSandboxState, SandboxSettings } from '../../src/contract/sandbox.ts'
import { hostsIn, ownRegistries } from '../egress/own-registries.ts'
import type { Log } from '../log.ts'
import type { PackageRegistry } from '../package-registries.ts'
import { findHolder } from './hold-together.ts'
import { jobUser, letPass } from './job-user.ts'
import { FORWARDER } from './launch.ts'
import { prepareHost, type SandboxHost } from './open-sandbox.ts'
import { preflight } from './preflight.ts'
import { sweepSockets } from './sockets.ts'

/** A runner's sandbox, or why it has none. */
export type RunnerSandbox =
  | {
      readonly host: SandboxHost
      readonly mode: 'required' | 'auto'
      /** The hosts that jobs may reach. Does not reject. */
      readonly allowed: Promise<readonly string[]>
      readonly privateHosts: readonly string[]
    }
  | {
      readonly host: null
      readonly mode: 'auto' | 'off'
      readonly why: string
      /** What holds a job's processes together all the same; null where nothing does. */
      readonly holder: string | null
      /** What the result of every job says of it. */
      readonly notes: readonly string[]
    }

/** No sandbox, by the word of the runner's owner, and nothing that would hold a job's processes together. */
export const NO_SANDBOX = {
  host: null,
  mode: 'off',
  why: 'it was switched off with SANDBOX=off',
  holder: null,
  notes: [],
} as const satisfies RunnerSandbox

/**
 * Tries a sandbox, and prepares what all jobs share. Throws a `SwitchyardError` of cause `config` that says what is missing
 * and what to do where there has to be one and there is none.
 *
 * @param dataDir an absolute path without symbolic links
 */
export async function openRunnerSandbox(
  { mode, registries, hosts, privateHosts, read }: SandboxSettings,
  from: {
    readonly dataDir: string
    readonly env: Readonly<Record<string, string | undefined>>
    readonly registries: readonly PackageRegistry[]
    readonly log: Log
  },
): Promise<RunnerSandbox> {
  if (mode === 'off') return await withoutWalls('off', { why: NO_SANDBOX.why }, from.log)
  const { dataDir } = from
  await refuseWide(read, dataDir)
  await sweepSockets(dataDir)
  if (jobUser(dataDir) !== null) await letPass(path.join(dataDir, 'jobs'), dataDir)
  const tried = await preflight(jobUser(dataDir), [dataDir, process.execPath, FORWARDER, ...read])
  if (tried.ready) {
    const host = await prepareHost({ bubblewrap: tried.bubblewrap, dataDir, tools: read })
    const allowed = registries ? registriesOf(from).then((own) => [...own, ...hosts]) : Promise.resolve(hosts)
    from.log.info({ user: jobUser(dataDir) === null ? "the runner's" : 'one per job' }, 'every job works in a sandbox')
    return { host, mode, allowed, privateHosts }
  }
  const { why, remedy } = tried
  if (mode === 'required') {
    const message = `There is no sandbox on this machine: ${why}. ${remedy} With SANDBOX=auto jobs are done without one where it cannot be had.`
    throw new SwitchyardError({ cause: 'config', message: message.slice(0, 2_000) })
  }
  return await withoutWalls('auto', { why, remedy }, from.log)
}

/** What there is in place of a sandbox; it is said at the start, and what nobody chose also in each result. */
async function withoutWalls(
  mode: 'auto' | 'off',
  reason: { readonly why: string; readonly remedy?: string },
  log: Log,
): Promise<RunnerSandbox> {
  const { why } = reason
  const holder = await findHolder()
  const processes = holder === null ? 'what a job starts may outlive it' : 'what a job starts ends with it'
  log.warn({ ...reason, processes }, 'no sandbox: agents and what they run share this machine with the runner')
  const done = mode === 'auto' ? [`The job was done without a sandbox: ${why}.`] : []
  return { host: null, mode, why, holder, notes: holder === null ? [...done, OUTLIVES] : done }
}

/** What the app is told, and the runner's start line. */
export function stateOf(sandbox: RunnerSandbox): RunnerSandboxState {
  const { mode } = sandbox
  if (sandbox.host !== null) return { mode, has: 'whole' }
  return { mode, has: sandbox.holder === null ? 'none' : 'processes', why: sandbox.why.slice(0, 2_000) }
}

const OUTLIVES =
  'What this job started may have outlived it: its runner has no sandbox, and cannot hold processes together either (docs/sandbox.md).'

/** What would show the sandbox the runner's own folders, or replace those that it has of its own. */
async function refuseWide(read: readonly string[], dataDir: string): Promise<void> {
  for (const given of read) {
    const place = await realpath(given).catch(() => path.resolve(given))
    const shows = (folder: string): boolean => !path.relative(place, folder).startsWith('..')
    const own = ['/proc', '/sys', '/dev', '/run'].find((folder) => place === folder || place.startsWith(`${folder}/`))
    const inside = !path.relative(dataDir, place).startsWith('..')
    if (!shows(dataDir) && !inside && own === undefined) continue
    const why =
      own === undefined ? 'it would show every job the folders of all others (DATA_DIR)' : `${own} is the sandbox's own`
    throw new SwitchyardError({
      cause: 'config',
      message: `SANDBOX_READ may not name ${given}: ${why}. Name the folders of the tools that agents need.`.slice(0, 2_000),
    })
  }
}

/** The runner's own, and those that its owner has credentials for. */
async function registriesOf(from: Parameters<typeof openRunnerSandbox>[1]): Promise<readonly string[]> {
  const credentialed = from.registries.flatMap(({ registry }) => hostsIn(registry))
  return [...new Set([...(await ownRegistries(from.env)), ...credentialed])]
}
