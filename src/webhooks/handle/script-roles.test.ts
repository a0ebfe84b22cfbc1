import { expect, test } from 'vitest'
import { type ParsedWorkflow, parseWorkflow } from '../../workflow/parse.ts'
import { rolesOfScript } from './script-roles.ts'

function parsed(name: string, body: string): ParsedWorkflow {
  const source = `export const meta = { name: '${name}', description: 'A test.' }\nexport default async ({ agent, workflow }) => { ${body} }\n`
  return parseWorkflow(source, name)
}
const among = (...scripts: ParsedWorkflow[]) => new Map(scripts.map((script) => [script.name, script]))

test('[RUN-2] the roles of a script are those that its calls name, of those that name none the usual ones, and of scripts it starts', () => {
  const inner = parsed('inner', "await agent('x', { role: 'tester' })")
  const outer = parsed('outer', "await agent('y', { isolation: 'worktree' }); await agent('z'); await workflow('inner')")
  expect(rolesOfScript(outer, among(outer, inner))).toEqual({ ok: true, roles: ['coder', 'researcher', 'tester'] })
  // One level deep, and what is not there is told when it is started.
  expect(rolesOfScript(inner, among(inner, outer))).toEqual({ ok: true, roles: ['tester'] })
  expect(rolesOfScript(outer, among(outer))).toEqual({ ok: true, roles: ['coder', 'researcher'] })
})

test('[RUN-2] a role that there is not is refused with its place and what there is, also in a script that it starts', () => {
  const inner = parsed('inner', "await agent('x', { role: 'testr' })")
  const outer = parsed('outer', "await agent('x', { role: 'poet' }); await workflow('inner')")
  const refused = rolesOfScript(outer, among(outer, inner))
  expect(refused).toMatchObject({
    ok: false,
    refusal: { why: 'the workflow `outer` calls for a role that there is not' },
  })
  const remedy = refused.ok ? '' : refused.refusal.remedy
  expect(remedy).toContain('- outer.js:2:74: there is no role `poet`.')
  expect(remedy).toContain('- inner.js:2:74: there is no role `testr`. Did you mean `tester`?')
  expect(remedy).toMatch(/There are .*`coder`.* Mend it on the default branch, then say it again\.$/)
})
