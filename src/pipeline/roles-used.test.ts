import { expect, test } from 'vitest'
import { aRun } from '../../test/support/core/build.ts'
import { StepConfig } from './model.ts'
import { rolesUsed } from './roles-used.ts'

const steps = [
  { id: 'plan', kind: 'plan' },
  { id: 'code', kind: 'agent' },
  { id: 'test', kind: 'test' },
  { id: 'off', kind: 'companion', enabled: false },
  {
    id: 'look',
    kind: 'parallel',
    steps: [
      { id: 'a', role: 'researcher' },
      { id: 'b', role: 'analyst' },
    ],
  },
]

test("a run's roles are those of its enabled steps, by option or by default, a tester's fixer and inner steps among them", () => {
  const run = aRun({ steps: steps.map((step) => StepConfig.parse(step)) })
  expect([...rolesUsed(run)].toSorted()).toEqual(['analyst', 'coder', 'fixer', 'planner', 'researcher', 'tester'])
})
