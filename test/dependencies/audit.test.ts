/** `npm run audit` against a registry that answers, one that does not know the question, and one that is not there. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { execa } from 'execa'
import { afterAll, afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { type Advisory, type Registry, startRegistry } from './registry.ts'

const ROOT = path.join(import.meta.dirname, '../..')
const Lock = z.object({ packages: z.record(z.string(), z.record(z.string(), z.unknown())) })
const locked = Lock.parse(JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'))).packages
const EVERY = '<999'

const cache = mkdtempSync(path.join(tmpdir(), 'switchyard-audit-'))
let registry: Registry | undefined
afterEach(async () => {
  await registry?.close()
})
afterAll(() => rmSync(cache, { recursive: true, force: true }))

async function audit(advisories: readonly Advisory[], served?: boolean) {
  registry = await startRegistry(locked, advisories, served)
  return run(registry.url)
}

async function run(url: string) {
  const env = { npm_config_registry: url, npm_config_noproxy: '127.0.0.1', npm_config_fetch_retries: '0' }
  const { exitCode, stdout } = await execa(process.execPath, ['test/dependencies/audit.ts'], {
    cwd: ROOT,
    env: { ...env, npm_config_cache: cache },
    reject: false,
  })
  return { exitCode, stdout }
}

test('a registry that knows of nothing: it is said, and good', { timeout: 60_000 }, async () => {
  expect(await audit([])).toEqual({
    exitCode: 0,
    stdout: 'No high or critical hole is known in the packages that are needed to run (0 lesser).',
  })
  expect(registry?.asked).toContain('hono')
})

test('a high one in what is needed to run fails, and is named; a lesser one does not', { timeout: 60_000 }, async () => {
  const failed = await audit([{ package: 'hono', severity: 'high', versions: EVERY }])
  expect(failed.stdout).toMatch(/^Known holes in packages that are needed to run: .*\bhono \* \(high\)/)
  expect(failed.exitCode).toBe(1)
  await registry?.close()
  expect(await audit([{ package: 'picomatch', severity: 'moderate', versions: EVERY }])).toEqual({
    exitCode: 0,
    stdout: expect.stringMatching(/^No high or critical hole is known .* \([1-9]\d* lesser\)\.$/),
  })
})

test('a critical one in what only development needs, or in a version that is not ours, does not fail', {
  timeout: 60_000,
}, async () => {
  const holes = ['vitest', 'typescript'].map((name) => ({ package: name, severity: 'critical', versions: EVERY }) as const)
  const { exitCode, stdout } = await audit([...holes, { package: 'zod', severity: 'critical', versions: '<1' }])
  expect(stdout).toBe('No high or critical hole is known in the packages that are needed to run (0 lesser).')
  expect(exitCode).toBe(0)
})

test('a registry that does not serve the question, or is not there, is named and does not fail', {
  timeout: 60_000,
}, async () => {
  const refused = await audit([], false)
  expect(refused).toEqual({
    exitCode: 0,
    stdout: expect.stringMatching(/^Packages were not audited: the registry does not answer \(405/),
  })
  const { url } = registry ?? { url: '' }
  await registry?.close()
  expect(await run(url)).toEqual({ exitCode: 0, stdout: expect.stringContaining('Packages were not audited') })
})
