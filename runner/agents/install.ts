/**
 * Installs a coding agent from npm, at the pinned version, into a folder of tools:
 * `node runner/agents/install.ts claude [--dir .agents]`. The agents are no dependencies of Switchyard, since they are
 * large and a runner needs only those it offers.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { failureOf, SwitchyardError } from '../../src/contract/failure.ts'
import { PACKAGES } from './registry.ts'
import { type AgentPackage, agentDir, DEFAULT_TOOLS_DIR } from './tools.ts'

const INSTALL_TIMEOUT_MS = 10 * 60_000

/** Installs one agent; its install scripts run, since some agents place their program by them. Throws when npm fails. */
export async function installAgent(agent: AgentPackage, toolsDir: string): Promise<void> {
  const folder = agentDir(toolsDir, agent)
  const manifest = {
    name: `switchyard-agent-${agent.runtime}`,
    private: true,
    dependencies: { [agent.package]: agent.version },
    allowScripts: { [`${agent.package}@${agent.version}`]: true },
  }
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts=false']
  const npm = await execa('npm', args, { cwd: folder, stdio: 'inherit', timeout: INSTALL_TIMEOUT_MS, reject: false })
  if (!npm.failed) return
  throw new SwitchyardError({ cause: 'config', message: `${agent.package} could not be installed: ${npm.shortMessage}` })
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { dir: { type: 'string', default: DEFAULT_TOOLS_DIR } },
  })
  const wanted = positionals.map((name) => PACKAGES.find((agent) => agent.runtime === name) ?? name)
  const unknown = wanted.filter((agent) => typeof agent === 'string')
  if (wanted.length === 0 || unknown.length > 0) {
    const names = PACKAGES.map((agent) => agent.runtime).join(', ')
    if (unknown.length > 0) console.error(`Unknown agent: ${unknown.join(', ')}.`)
    console.error(`Usage: node runner/agents/install.ts NAME... [--dir ${DEFAULT_TOOLS_DIR}]   (names: ${names})`)
    process.exitCode = 2
    return
  }
  for (const agent of wanted) {
    if (typeof agent === 'string') continue
    await installAgent(agent, resolve(values.dir))
    console.log(`Installed ${agent.package} ${agent.version} in ${agentDir(values.dir, agent)}`)
  }
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    console.error(failureOf(error, 'internal').message)
    process.exitCode = 1
  })
}
