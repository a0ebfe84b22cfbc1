import { describe, expect, test } from 'vitest'
import { CEILINGS } from '../../test/support/ceilings.ts'
import { settleConfiguration } from './configuration.ts'
import { isRoleFile, parseRoleFile, ROLE_TEXT_MAX, withRoleTexts } from './role-files.ts'
import { planRun } from './settings.ts'

const deployment = {
  agent: { runtime: 'claude', model: null, command: null, allowRepositoryCommands: false },
  limits: { deployment: 50, installation: 20, repository: 5, person: 4 },
  sweeps: { checksMs: 300_000 },
  budgets: CEILINGS,
  debounceMs: 2_000,
  retry: { cap: 3, infrastructure: 5, gapMs: 120_000 },
}
const path = (name: string) => `.github/switchyard/roles/${name}`

function rolesOf(instructions: string) {
  const configuration = settleConfiguration({ version: 1, roles: { coder: { instructions } } })
  const planned = planRun(configuration, deployment, 'quick')
  if (!planned.ok) throw new Error(planned.why)
  return planned.plan.settings.roles
}

describe("[CFG-6] a repository's files for the roles", () => {
  test('plain Markdown is put after the prompt, before the instructions of the configuration', () => {
    const read = parseRoleFile(path('coder.md'), '# House rules\r\n\r\nUse tabs.\n')
    expect(read).toEqual({ ok: true, role: { role: 'coder', text: '# House rules\n\nUse tabs.', replaces: false } })
    const told = withRoleTexts(rolesOf('Be brief.'), read.ok ? [read.role] : [])
    expect(told).toMatchObject({ ok: true, roles: { coder: { instructions: '# House rules\n\nUse tabs.\n\nBe brief.' } } })
    expect(told.ok && told.roles.coder).not.toHaveProperty('prompt')
  })

  test('with `replace: true` it stands in the place of the prompt, and the instructions stay', () => {
    const read = parseRoleFile(path('coder.md'), '---\nreplace: true\n---\nYou write Cobol.\n')
    expect(read).toEqual({ ok: true, role: { role: 'coder', text: 'You write Cobol.', replaces: true } })
    const told = withRoleTexts(rolesOf('Be brief.'), read.ok ? [read.role] : [])
    expect(told).toMatchObject({ ok: true, roles: { coder: { prompt: 'You write Cobol.', instructions: 'Be brief.' } } })
  })

  test.each([
    ['a role that is not there', 'codre.md', 'x', 'there is no role `codre`; did you mean `coder`?'],
    ['an unknown key', 'coder.md', '---\nrepalce: true\n---\nx', 'the front matter between'],
    ['front matter that is no YAML', 'coder.md', '---\n{\n---\nx', 'the front matter between'],
    ['no text', 'coder.md', '---\nreplace: true\n---\n', 'it has no text.'],
    ['too much', 'coder.md', 'x'.repeat(ROLE_TEXT_MAX + 1), 'its text is longer than 40000 characters.'],
  ])('is refused with a sentence: %s', (_what, name, source, message) => {
    const read = parseRoleFile(path(name), source)
    expect(read).toMatchObject({ ok: false, errors: [{ line: 1, message: expect.stringContaining(message) }] })
  })

  test('too much together with the instructions is refused', () => {
    const texts = [{ role: 'coder' as const, text: 'x'.repeat(30_000), replaces: false }]
    expect(withRoleTexts(rolesOf('y'.repeat(30_000)), texts)).toEqual({ ok: false, tooLong: ['coder'] })
  })

  test('a README and other files of the folder are none', () => {
    expect(['coder.md', 'README.md', 'notes.txt'].map((name) => isRoleFile(path(name)))).toEqual([true, false, false])
  })
})
