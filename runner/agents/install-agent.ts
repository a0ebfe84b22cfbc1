import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { execa } from 'execa'
import { SwitchyardError } from '../../src/contract/failure.ts'
import { lockedPlatforms } from './locked-platforms.ts'
import { type AgentPackage, agentDir, findInstalled } from './tools.ts'

/** Longest time for one agent, in ms: up to 400 MB are fetched and unpacked. */
const INSTALL_TIMEOUT_MS = 10 * 60_000
/** How much of npm's output is shown when it fails, in lines. */
const OUTPUT_LINES = 20
/** Says what stands in the folder, so that it is not installed anew. */
const STAMP = 'installed.json'
const LOCKS = join(import.meta.dirname, 'locks')

/** What came of an installation. */
export interface Installed {
  status: 'installed' | 'present'
  folder: string
}

export interface InstallOptions {
  toolsDir: string
  /** The folder of lock files, one `<runtime>.json` each. */
  locks?: string
  env?: Readonly<Record<string, string | undefined>>
  /** As `linux-x64`; absent: that of this machine. */
  platform?: string
}

const THIS_PLATFORM = `${process.platform}-${process.arch}`

/**
 * Installs an agent at its pinned version, with the packages of its lock file, each checked against its digest there. An
 * agent that is there already is left as it is; one that is half there is installed anew. Throws a `SwitchyardError` of
 * cause `config` when the lock file has no program for this platform, when npm fails, or when the program is not there
 * afterwards.
 */
export async function installAgent(agent: AgentPackage, options: InstallOptions): Promise<Installed> {
  const folder = agentDir(options.toolsDir, agent)
  const lock = await lockOf(agent, options.locks ?? LOCKS)
  const platform = options.platform ?? THIS_PLATFORM
  const platforms = lockedPlatforms(agent, lock)
  if (platforms !== null && !platforms.includes(platform)) throw refusal(agent, notLocked(agent, platform, platforms))
  const manifest = `${JSON.stringify(manifestOf(agent), null, 2)}\n`
  const digest = createHash('sha256').update(manifest).update(lock).digest('hex')
  const stamp = join(folder, STAMP)
  const isThere = async () => (await findInstalled(agent, options.toolsDir)) !== null
  if ((await readOrEmpty(stamp)) === digest && (await isThere())) return { status: 'present', folder }

  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), manifest)
  await writeFile(join(folder, 'package-lock.json'), lock)
  await npmInstall(agent, folder, options.env ?? process.env)
  if (!(await isThere())) throw refusal(agent, `it brought no program "${agent.bin}" for ${platform}.`)
  await writeFile(stamp, digest)
  return { status: 'installed', folder }
}

/** What npm is told to install: one package, and whether its install script may run; by its name alone, as npm wants it. */
export function manifestOf(agent: AgentPackage) {
  return {
    name: `switchyard-agent-${agent.runtime}`,
    private: true,
    dependencies: { [agent.package]: agent.version },
    ...(agent.installScript === true ? { allowScripts: { [agent.package]: true } } : {}),
  }
}

/** Not `npm ci`: it refuses a lock file without the programs of other platforms, and not every registry offers them all. */
async function npmInstall(agent: AgentPackage, cwd: string, env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const args = ['install', '--no-audit', '--no-fund', '--loglevel=error', `--ignore-scripts=${agent.installScript !== true}`]
  const ended = await execa('npm', args, { cwd, env, extendEnv: false, all: true, timeout: INSTALL_TIMEOUT_MS, reject: false })
  if (!ended.failed) return
  const said = ended.all.trim().split('\n').slice(-OUTPUT_LINES)
  throw refusal(agent, [ended.originalMessage ?? 'npm failed.', ...said].join('\n'))
}

function notLocked({ runtime, package: name, version }: AgentPackage, platform: string, platforms: readonly string[]): string {
  return [
    `its lock file has a program for ${platforms.join(', ')}, and none for ${platform}.`,
    `Where your registry has one, write the lock file anew: npm run agents:install -- --lock ${runtime}`,
    `Or install it yourself (npm install --global ${name}@${version}): what is on PATH is taken first.`,
  ].join('\n')
}

async function lockOf(agent: AgentPackage, locks: string): Promise<string> {
  const file = join(locks, `${agent.runtime}.json`)
  const lock = await readOrEmpty(file)
  if (lock === '') throw refusal(agent, `its lock file ${file} is missing; --lock writes it.`)
  return lock
}

async function readOrEmpty(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch(() => '')
}

function refusal(agent: AgentPackage, why: string): SwitchyardError {
  return new SwitchyardError({
    cause: 'config',
    message: `${agent.runtime}: ${agent.package} ${agent.version} could not be installed: ${why}`.slice(0, 2_000),
  })
}
