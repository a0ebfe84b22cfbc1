/** What the lock files promise: every package by its digest, from nowhere but the registry, and no script that nobody listed. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { z } from 'zod'
import { CLAUDE_PACKAGE } from '../../runner/agents/claude-package.ts'
import { manifestOf } from '../../runner/agents/install-agent.ts'
import { judgeAudit } from './judge-audit.ts'

const ROOT = path.join(import.meta.dirname, '../..')
const LOCKS = 'runner/agents/locks'
const Versions = z.record(z.string(), z.string())
const Manifest = z.object({
  dependencies: Versions,
  devDependencies: Versions,
  allowScripts: z.record(z.string(), z.boolean()),
})
const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      integrity: z.string().optional(),
      resolved: z.string().optional(),
      hasInstallScript: z.boolean().optional(),
      link: z.boolean().optional(),
    }),
  ),
})

const read = (file: string): unknown => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'))
const manifest = Manifest.parse(read('package.json'))
const lockFiles = ['package-lock.json', ...readdirSync(path.join(ROOT, LOCKS)).map((name) => `${LOCKS}/${name}`)]

/** The packages of a lock file, without the root itself. */
function packagesOf(file: string) {
  return Object.entries(Lock.parse(read(file)).packages).filter(([place]) => place !== '')
}
const nameOf = (place: string): string => place.split('node_modules/').at(-1) ?? ''

describe.each(lockFiles)('%s', (file) => {
  it('has a digest of every package', () => {
    const packages = packagesOf(file)
    expect(packages.length).toBeGreaterThan(0)
    const without = packages.filter(([, { integrity = '' }]) => !/^sha(512|384|256)-[A-Za-z0-9+/=]{40,}$/.test(integrity))
    expect(without.map(([place]) => place)).toEqual([])
  })

  it('takes none from git, from an address of its own, or from a folder', () => {
    const elsewhere = packagesOf(file).filter(
      ([, { resolved, link }]) => link === true || !/^(https:.*\.tgz)?$/.test(resolved ?? ''),
    )
    expect(elsewhere.map(([place]) => place)).toEqual([])
  })
})

test('only packages that package.json lists have install scripts, and only Node’s own may run', () => {
  const scripted = packagesOf('package-lock.json').filter(([, { hasInstallScript }]) => hasInstallScript === true)
  expect([...new Set(scripted.map(([place]) => nameOf(place)))].sort()).toEqual(Object.keys(manifest.allowScripts).sort())
  expect(Object.entries(manifest.allowScripts).filter(([, allowed]) => allowed)).toEqual([['node', true]])
  const settings = readFileSync(path.join(ROOT, '.npmrc'), 'utf8').split('\n')
  expect(settings).toEqual(expect.arrayContaining(['strict-allow-scripts=true', 'allow-git=none', 'allow-remote=none']))
})

test('an agent’s own install script is the only one that may run when it is installed', () => {
  expect(manifestOf(CLAUDE_PACKAGE)).toMatchObject({
    allowScripts: { [CLAUDE_PACKAGE.package]: true },
  })
  const scripted = lockFiles
    .slice(1)
    .flatMap((file) =>
      packagesOf(file).flatMap(([place, { hasInstallScript }]) => (hasInstallScript === true ? [nameOf(place)] : [])),
    )
  // What is not the agent itself is in no allow-list, so npm does not run it.
  expect(scripted.sort()).toEqual([
    '@anthropic-ai/claude-code',
    '@github/keytar',
    '@google/genai',
    'esbuild',
    'node-pty',
    'opencode-ai',
    'protobufjs',
  ])
})

test('every version is exact', () => {
  const all = { ...manifest.dependencies, ...manifest.devDependencies }
  expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
})

test('what is needed to run is imported by what runs, and nothing else is', () => {
  const imported = new Set(['src', 'runner'].flatMap((folder) => sourcesBelow(folder).flatMap(packagesIn)))
  expect(Object.keys(manifest.dependencies).filter((name) => !imported.has(name))).toEqual([])
  const declared = new Set([...Object.keys(manifest.dependencies), ...TYPES_ONLY])
  expect([...imported].filter((name) => !declared.has(name))).toEqual([])
})

/** Imported for their types alone, which are development dependencies. */
const TYPES_ONLY = ['mdast']

function sourcesBelow(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.includes('fixtures'))
    .map((name) => path.join(folder, name))
}

function packagesIn(file: string): string[] {
  const source = readFileSync(path.join(ROOT, file), 'utf8')
  const named = /^(?:import|export|\}).* from '(?!node:|\.)((?:@[^/']+\/)?[^/']+)/gm
  return [...source.matchAll(named)].map(([, name = '']) => name)
}

test.each([
  ['a high finding fails', counts({ high: 1 }), false, 'bad <2 (high)'],
  ['a critical one too', counts({ critical: 1 }), false, 'Known holes'],
  ['lesser ones do not', counts({ moderate: 3 }), true, '3 lesser'],
  ['a registry that does not serve it is named', '{"message":"405 Method Not Allowed - POST x","statusCode":405}', true, '405'],
  ['what cannot be read is no proof', 'npm error', false, 'nothing that can be read'],
])('the audit: %s', (_, output, good, words) => {
  expect(judgeAudit(output)).toEqual({ good, words: expect.stringContaining(words) })
})

function counts({ high = 0, critical = 0, moderate = 0 }): string {
  const severity = high > 0 ? 'high' : critical > 0 ? 'critical' : 'moderate'
  return JSON.stringify({
    metadata: { vulnerabilities: { high, critical, moderate, total: high + critical + moderate } },
    vulnerabilities: { bad: { severity, range: '<2' } },
  })
}
