import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { installAgent } from '../../runner/agents/install-agent.ts'
import { lockedPlatforms } from '../../runner/agents/locked-platforms.ts'
import { PACKAGES } from '../../runner/agents/registry.ts'
import type { AgentPackage } from '../../runner/agents/tools.ts'

const WANTED = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64']
const AGENT: AgentPackage = { runtime: 'tiny', title: 'Tiny', package: 'tiny-agent', version: '1.2.3', bin: 'tiny' }

describe('the installation of agents', () => {
  let folder: string
  let registry: Server
  let asked: string[]
  let tarball: Buffer

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'switchyard-install-'))
    tarball = await pack(join(folder, 'source'))
    asked = []
    registry = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.end(tarball)
    })
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve))
    await mkdir(join(folder, 'locks'))
  })
  afterEach(async () => {
    await new Promise((resolve) => registry.close(resolve))
    await rm(folder, { recursive: true, force: true })
  })

  /** A lock file for the package with the digest of these bytes. */
  async function lock(bytes: Buffer): Promise<void> {
    const { port } = registry.address() as AddressInfo
    const entry = {
      version: AGENT.version,
      resolved: `http://127.0.0.1:${port}/tiny-agent.tgz`,
      integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
      bin: { tiny: 'tiny.js' },
    }
    const packages = { '': { dependencies: { 'tiny-agent': AGENT.version } }, 'node_modules/tiny-agent': entry }
    await writeFile(join(folder, 'locks', 'tiny.json'), JSON.stringify({ lockfileVersion: 3, requires: true, packages }))
  }
  const install = () =>
    installAgent(AGENT, {
      toolsDir: join(folder, 'tools'),
      locks: join(folder, 'locks'),
      env: { PATH: process.env.PATH, HOME: folder, npm_config_replace_registry_host: 'never', npm_config_fetch_retries: '0' },
    })

  it('happens once, and anew when the program is gone', async () => {
    await lock(tarball)
    expect(await install()).toEqual({ status: 'installed', folder: join(folder, 'tools', 'tiny') })
    const { stdout } = await execa(join(folder, 'tools', 'tiny', 'node_modules', '.bin', 'tiny'))
    expect(stdout).toBe('tiny 1.2.3')
    const before = asked.length
    expect((await install()).status).toBe('present')
    expect(asked).toHaveLength(before)
    await rm(join(folder, 'tools', 'tiny', 'node_modules', 'tiny-agent'), { recursive: true })
    expect((await install()).status).toBe('installed')
  })

  it('refuses a package that is not the one of its lock file, and leaves nothing that counts as installed', async () => {
    await lock(Buffer.from('another tarball'))
    await expect(install()).rejects.toMatchObject({
      failure: {
        cause: 'config',
        message: expect.stringMatching(/^tiny: tiny-agent 1\.2\.3 could not be installed.*EINTEGRITY/s),
      },
    })
    await expect(install()).rejects.toThrow('EINTEGRITY')
  })

  it('is nothing that Switchyard depends on', async () => {
    const lock = JSON.parse(await readFile('package-lock.json', 'utf8'))
    const depended = Object.keys(lock.packages)
    expect(depended.length).toBeGreaterThan(100)
    expect(PACKAGES.filter((agent) => depended.includes(`node_modules/${agent.package}`))).toEqual([])
  })

  it('says which lock file is missing', async () => {
    await expect(install()).rejects.toThrow(/tiny\.json is missing/)
  })

  it('says for which platforms the lock file has a program, and what to do, before anything is asked of the registry', async () => {
    const opencode = PACKAGES.filter(({ runtime }) => runtime === 'opencode')
    expect(opencode).toHaveLength(1)
    for (const agent of opencode) {
      const refused = installAgent(agent, { toolsDir: join(folder, 'tools'), platform: 'darwin-arm64' })
      await expect(refused).rejects.toThrow(
        /has a program for linux-x64, and none for darwin-arm64\..*--lock opencode.*opencode-ai@[\d.]+\): what is on PATH/s,
      )
    }
  })

  it.each(PACKAGES)('locks $runtime for Linux and macOS on both processors, or its page says which', async (agent) => {
    const lock = await readFile(join('runner/agents/locks', `${agent.runtime}.json`), 'utf8')
    const platforms = lockedPlatforms(agent, lock)
    const missing = platforms === null ? [] : WANTED.filter((platform) => !platforms.includes(platform))
    const page = await readFile(`docs/runtimes/${agent.runtime}.md`, 'utf8')
    expect(page.includes('Its lock file has the program')).toBe(missing.length > 0)
    if (missing.length > 0) expect(page).toContain(`Its lock file has the program for ${platforms?.join(', ')} only`)
  })

  it.each(PACKAGES)('has a lock file for $runtime, at its version, with a digest for every package', async (agent) => {
    const lock = JSON.parse(await readFile(join('runner/agents/locks', `${agent.runtime}.json`), 'utf8'))
    const { '': root, ...packages } = lock.packages as Record<string, { version: string; integrity?: string; link?: boolean }>
    expect(packages[`node_modules/${agent.package}`]?.version).toBe(agent.version)
    expect(Object.entries(packages).filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([])
    expect(root).toMatchObject({ dependencies: { [agent.package]: agent.version } })
  })
})

async function pack(source: string): Promise<Buffer> {
  const folder = join(source, 'package')
  await mkdir(folder, { recursive: true })
  const manifest = { name: AGENT.package, version: AGENT.version, bin: { tiny: 'tiny.js' } }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  await writeFile(join(folder, 'tiny.js'), '#!/usr/bin/env node\nconsole.log("tiny 1.2.3")\n')
  await execa('tar', ['-czf', 'tiny.tgz', 'package'], { cwd: source })
  return await readFile(join(source, 'tiny.tgz'))
}
