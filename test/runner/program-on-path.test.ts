/** An agent that its owner installed himself, and that a link on PATH leads to: it works in a sandbox as one of ours does. */
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { commandRuntime } from '../../runner/agents/command.ts'
import { agentProgram } from '../../runner/agents/detect.ts'
import type { Runtime } from '../../runner/agents/runtime.ts'
import type { AgentPackage } from '../../runner/agents/tools.ts'
import { openRunnerSandbox } from '../../runner/sandbox/runner-sandbox.ts'
import { sandboxSettings } from '../../src/contract/sandbox.ts'
import { openWorkshop, type Workshop } from './workshop.ts'

const AGENT: AgentPackage = { runtime: 'tiny', title: 'Tiny', package: 'tiny-agent', version: '1.2.3', bin: 'tiny' }
const SOURCE = `#!/usr/bin/env node
import { writeFileSync } from 'node:fs'
import { summary } from './summary.js'
import { status } from 'tiny-helper'
const { SWITCHYARD_NONCE: nonce, SWITCHYARD_REPORT_FILE: file } = process.env
writeFileSync(file, JSON.stringify({ nonce, status, summary, reason: 'It only says where it was.' }))
`

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop()
  // As root, jobs have users of their own, who must be able to pass through.
  await chmod(shop.dir, 0o711)
  await shop.repository('acme/api')
})
afterEach(() => shop.close())

/** Installs the agent as `npm install --global` does under a prefix: a link, its package, and one that it needs beside it. */
async function install(): Promise<string> {
  const prefix = path.join(shop.dir, 'prefix')
  const at = (name: string) => path.join(prefix, 'lib', 'node_modules', name)
  for (const name of ['tiny-agent', 'tiny-helper']) {
    await mkdir(at(name), { recursive: true })
    await writeFile(
      path.join(at(name), 'package.json'),
      JSON.stringify({ name, version: '1.2.3', type: 'module', main: 'main.js' }),
    )
  }
  await writeFile(path.join(at('tiny-helper'), 'main.js'), `export const status = 'noop'\n`)
  await writeFile(path.join(at('tiny-agent'), 'summary.js'), `export const summary = 'Started by its link.'\n`)
  await writeFile(path.join(at('tiny-agent'), 'agent.js'), SOURCE, { mode: 0o755 })
  await mkdir(path.join(prefix, 'bin'))
  await symlink('../lib/node_modules/tiny-agent/agent.js', path.join(prefix, 'bin', 'tiny'))
  return path.join(prefix, 'bin')
}

test('a link on PATH is started in the sandbox with its package and what lies beside that', async (context) => {
  const options = { env: { PATH: await install() }, toolsDir: path.join(shop.dir, 'none') }
  const plain = await shop.deps()
  const settings = sandboxSettings({ SANDBOX: 'auto', SANDBOX_HOSTS: ['none'] })
  const sandbox = await openRunnerSandbox(settings, { ...plain, registries: [] })
  if (sandbox.host === null) {
    if (process.env.CI === 'true') throw new Error(`No sandbox here: ${sandbox.why}`)
    context.skip(sandbox.why)
  }
  const command = commandRuntime()
  const tiny: Runtime = {
    ...command,
    name: 'tiny',
    invocation: async (task) => ({
      ...(await command.invocation({ ...task, command: ['replaced'] })),
      ...(await agentProgram(AGENT, options)),
    }),
  }
  const spec = shop.spec([shop.leg('acme/api')], [], { runtime: { name: 'tiny' } })
  const { result } = await shop.run(spec, { sandbox, runtimes: new Map([['tiny', tiny]]) })
  expect(result).toMatchObject({ status: 'finished', report: { status: 'noop', summary: 'Started by its link.' } })
})
