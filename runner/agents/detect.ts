import { readFile, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { execa } from 'execa'
import { z } from 'zod'
import type { OfferedRuntime } from '../../src/contract/api.ts'
import { SwitchyardError } from '../../src/contract/failure.ts'
import type { RuntimeOptions } from './runtime.ts'
import { type AgentPackage, agentDir, findBinary, findInstalled } from './tools.ts'

/** How long `--version` may take, in ms. */
const VERSION_TIMEOUT_MS = 15_000
/** How far above its program a package's manifest is looked for, in folders. */
const MANIFEST_DEPTH = 5
const Manifest = z.object({ name: z.string(), version: z.string() })

/** What is to be started: a program, or Node with the agent's script. */
export interface AgentProgram {
  file: string
  args: string[]
  /** Where it lies, for a sandbox to show. */
  reads: string[]
}

/** Why an agent cannot be used here: it is not installed. */
function notInstalled(agent: AgentPackage): string {
  return `${agent.title} is neither on PATH nor in the folder of tools; install it with: npm run agents:install -- ${agent.runtime}`
}

/**
 * Whether an agent's program is there and runs, and whether one of the keys it needs is set. Does not throw.
 *
 * @param env what the program needs beside PATH to tell its version without writing elsewhere
 */
export async function detectAgent(
  agent: AgentPackage,
  options: RuntimeOptions,
  keys: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<OfferedRuntime> {
  const name = agent.runtime
  const file = await findBinary(agent, options)
  if (file === null) return { name, version: null, ready: false, why: notInstalled(agent) }
  const version = (await manifestVersion(file, agent)) ?? (await saidVersion(file, { PATH: options.env.PATH ?? '', ...env }))
  if (version === null) return { name, version, ready: false, why: `${file} --version failed or said none.` }
  if (keys.every((key) => options.env[key] === undefined)) {
    const which = keys.length === 1 ? `${keys[0]} is not set` : `None of ${keys.join(', ')} is set`
    return { name, version, ready: false, why: `${which} in the environment of the runner.` }
  }
  return { name, version, ready: true }
}

/** The path of an agent's program. Throws a `SwitchyardError` of cause `config` when it is not installed. */
export async function agentBinary(agent: AgentPackage, options: RuntimeOptions): Promise<string> {
  const file = await findBinary(agent, options)
  if (file === null) throw new SwitchyardError({ cause: 'config', message: notInstalled(agent) })
  return file
}

/** How the agent is started. Throws a `SwitchyardError` of cause `config` when it is not installed. */
export async function agentProgram(agent: AgentPackage, options: RuntimeOptions): Promise<AgentProgram> {
  const file = await agentBinary(agent, options)
  // The Node that an installed script would find on PATH may be too old for it: the runner's own is not.
  const installed = file === (await findInstalled(agent, options.toolsDir))
  const reads = installed ? [agentDir(options.toolsDir, agent)] : await placesOf(file)
  return installed && agent.script === true ? { file: process.execPath, args: [file], reads } : { file, args: [], reads }
}

/**
 * A program on PATH is often a link into its package, which may find what it needs beside itself; what lies below `/usr` is
 * there in every sandbox.
 */
async function placesOf(file: string): Promise<string[]> {
  const real = await realpath(file)
  const packages = /^.*?\/node_modules(?=\/)/.exec(real)?.[0]
  return [...new Set([file, packages ?? real])].filter((place) => !place.startsWith('/usr/'))
}

/** The version by the package that the program belongs to: starting an agent only to ask costs up to 3 s and writes into a home. */
async function manifestVersion(file: string, agent: AgentPackage): Promise<string | null> {
  let folder = dirname(await realpath(file).catch(() => file))
  for (let depth = 0; depth < MANIFEST_DEPTH; depth++) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => null)
    const manifest = text === null ? null : Manifest.safeParse(jsonOrNull(text))
    if (manifest?.success === true) return manifest.data.name === agent.package ? manifest.data.version : null
    folder = dirname(folder)
  }
  return null
}

async function saidVersion(file: string, env: Readonly<Record<string, string>>): Promise<string | null> {
  const asked = await execa(file, ['--version'], { extendEnv: false, env, timeout: VERSION_TIMEOUT_MS, reject: false })
  return asked.exitCode === 0 ? (/\d+\.\d+\.\d+\S*/.exec(asked.stdout)?.[0].replace(/\.$/, '') ?? null) : null
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
