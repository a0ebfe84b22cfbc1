import { expect, test } from 'vitest'
import { STEP_KINDS } from './definitions.ts'
import { StepConfig } from './model.ts'
import { readsOnly } from './reads-only.ts'

const configs = (...steps: object[]) => steps.map((step) => StepConfig.parse({ id: 'x', ...step }))

test('an agent that codes does not count where its step is switched off, and a kind that nobody judged is not let through', () => {
  const explore = { kind: 'agent', mode: 'explore' }
  expect(readsOnly(configs(explore, { kind: 'agent', enabled: false }))).toBe(true)
  expect(readsOnly(configs(explore, { kind: 'agent' }))).toBe(false)
  expect(readsOnly(configs({ kind: 'something-new' }))).toBe(false)
  const acting = STEP_KINDS.map(({ kind }) => kind).filter((kind) => !readsOnly(configs({ kind })))
  for (const kind of ['agent', 'ci', 'merge']) expect(acting).toContain(kind)
})
