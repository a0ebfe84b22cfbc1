/**
 * Installs coding agents from npm into a folder of tools: `node runner/agents/install.ts claude codex [--dir .agents]`, and
 * `--lock` writes their lock files anew after a change of version. The agents are no dependencies of Switchyard, since they
 * are large and a runner needs only those it offers.
 */
import { join, resolve } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import pLimit from 'p-limit'
import { failureOf } from '../../src/contract/failure.ts'
import { installAgent } from './install-agent.ts'
import { lockAgent } from './lock-agent.ts'
import { PACKAGES } from './registry.ts'
import { type AgentPackage, DEFAULT_TOOLS_DIR } from './tools.ts'

/** Installations at the same time: fetching waits for the network, unpacking for a processor. */
const AT_ONCE = 3
const USAGE_EXIT_CODE = 2
const MS_PER_SECOND = 1_000

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { dir: { type: 'string', default: DEFAULT_TOOLS_DIR }, lock: { type: 'boolean', default: false } },
  })
  const wanted = PACKAGES.filter((agent) => positionals.includes(agent.runtime))
  const unknown = positionals.filter((name) => !PACKAGES.some((agent) => agent.runtime === name))
  if (positionals.length === 0 || unknown.length > 0) {
    const names = PACKAGES.map((agent) => agent.runtime).join(', ')
    if (unknown.length > 0) console.error(`Unknown agent: ${unknown.join(', ')}.`)
    console.error(`Usage: npm run agents:install -- NAME... [--dir ${DEFAULT_TOOLS_DIR}]   (names: ${names})`)
    return USAGE_EXIT_CODE
  }
  const limit = pLimit(AT_ONCE)
  const task = values.lock ? lock : (agent: AgentPackage) => install(agent, resolve(values.dir))
  // One agent that fails keeps the others from nothing.
  const ended = await Promise.allSettled(wanted.map((agent) => limit(() => task(agent))))
  const failures = ended.flatMap((one) => (one.status === 'rejected' ? [failureOf(one.reason, 'internal').message] : []))
  for (const failure of failures) console.error(failure)
  return failures.length === 0 ? 0 : 1
}

async function install(agent: AgentPackage, toolsDir: string): Promise<void> {
  const began = performance.now()
  const { status, folder } = await installAgent(agent, { toolsDir })
  const took = ((performance.now() - began) / MS_PER_SECOND).toFixed(1)
  const how = status === 'present' ? 'is there already' : `installed in ${took} s`
  console.log(`${agent.runtime}: ${agent.package} ${agent.version} ${how}, in ${folder}`)
}

async function lock(agent: AgentPackage): Promise<void> {
  console.log(`${agent.runtime}: ${await lockAgent(agent, join(import.meta.dirname, 'locks'))}`)
}

if (import.meta.main) {
  process.exitCode = await main().catch((error: unknown) => {
    console.error(failureOf(error, 'internal').message)
    return 1
  })
}
