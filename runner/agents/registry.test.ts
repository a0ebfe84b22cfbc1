import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { PACKAGES, runtimes } from './registry.ts'

/** What the rest of the runner may use of this folder. */
const OPEN = ['runtime.ts', 'registry.ts', 'json-lines.ts', 'tools.ts']
/** Here `AGENT_RUNTIME` has its default; nothing is decided by it. */
const DEFAULTS = 'src/config/environment-defaults.ts'

describe('the registry of runtimes', () => {
  const all = runtimes({ env: {}, toolsDir: '/nowhere' })

  it('[AGT-1] gives every runtime under its own name, with detection that does not throw', async () => {
    for (const [name, runtime] of all) {
      expect(runtime.name).toBe(name)
      expect((await runtime.detect()).name).toBe(name)
    }
    for (const agent of PACKAGES) expect(all.has(agent.runtime)).toBe(true)
  })

  it('[AGT-2] has these seven', () => {
    expect([...all.keys()].sort()).toEqual(['claude', 'codex', 'command', 'copilot', 'gemini', 'opencode', 'pi'])
  })

  it('[AGT-1] is all that the rest knows: no file outside names a runtime but as the default of a setting, or imports one', () => {
    const files = globSync(['runner/**/*.ts', 'src/**/*.ts']).filter(
      (file) => !file.startsWith('runner/agents/') && !file.endsWith('.test.ts') && file !== DEFAULTS,
    )
    const installable = PACKAGES.map((agent) => agent.runtime)
    for (const file of files) {
      const source = readFileSync(file, 'utf8')
      for (const name of installable) expect(source, file).not.toMatch(new RegExp(`['"\`]${name}['"\`]`))
      const imported = [...source.matchAll(/from '[^']*\/agents\/([^']+)'/g)].map(([, name]) => name)
      expect(OPEN, file).toEqual(expect.arrayContaining(imported))
    }
  })
})
