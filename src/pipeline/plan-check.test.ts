import { expect, test } from 'vitest'
import { aRun } from '../../test/support/core/build.ts'
import { aPlan } from '../../test/support/core/results.ts'
import { checkPlan } from './plan-check.ts'

const { legs } = aRun()
const one = (repository: string, role: 'provider' | 'consumer' | 'reference' = 'provider') => ({ repository, role, why: 'x' })

test('a good plan has no fault, in whatever case its names are written', () => {
  expect(checkPlan(aPlan({ mergeOrder: ['ACME/api', 'acme/Web'] }), legs)).toEqual([])
})

test.each([
  [
    '[STP-2] a repository outside the task’s',
    { repositories: [one('evil/other')] },
    /evil\/other is not among this task's repositories \(acme\/web/,
  ],
  ['a read-only repository as provider', { repositories: [one('acme/docs')] }, /acme\/docs may only be read/],
  ['nothing to change', { repositories: [one('acme/api', 'reference')] }, /No repository is to be changed/],
  ['a repository named twice', { repositories: [one('acme/api'), one('Acme/Api')] }, /Acme\/Api is named twice/],
  ['a merge order with a stranger', { mergeOrder: ['acme/docs'] }, /The merge order names acme\/docs/],
  ['[CS-5] a merge order that is a cycle', { mergeOrder: ['acme/api', 'acme/web', 'acme/api'] }, /cycle: acme\/api/],
  ['a file elsewhere', { files: [{ repository: 'acme/docs', path: 'a.md', change: 'x' }] }, /a\.md is in acme\/docs/],
])('%s is refused', (_what, change, fault) => {
  expect(checkPlan(aPlan(change), legs)).toEqual(expect.arrayContaining([expect.stringMatching(fault)]))
})

test('[STP-2] a protected path is refused where nobody approves the plan, once however often it is named', () => {
  const files = ['.github/workflows/ci.yml', 'src/a.ts', '.github/workflows/ci.yml'].map((path) => ({
    repository: 'acme/api',
    path,
    change: 'x',
  }))
  expect(checkPlan(aPlan({ files }), legs)).toEqual([])
  expect(checkPlan(aPlan({ files }), legs, ['.github/**'])).toEqual([
    '.github/workflows/ci.yml is protected, and no person approves this plan; do it without.',
  ])
})
