import { expect, test } from 'vitest'
import { ROLE_REPORTS } from '../pipeline/role-reports.ts'
import { loadRoles } from './load-roles.ts'

test('the shapes that pipelines are checked with are those of the prompts', async () => {
  const { byName } = await loadRoles()
  const told = Object.fromEntries([...byName.values()].map(({ name, report }) => [name, report]))
  expect(ROLE_REPORTS).toEqual(told)
})
