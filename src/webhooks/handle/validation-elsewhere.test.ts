import { expect, test } from 'vitest'
import { aStep, someSettings } from '../../../test/support/core/build.ts'
import { validationElsewhere } from './validation-elsewhere.ts'

const plan = (repository: string | undefined, kind = 'validate') => ({
  steps: [aStep(kind)],
  settings: someSettings({
    validation: [{ name: 'lint', run: 'npm run lint', timeoutMs: 60_000, ...(repository && { repository }) }],
  }),
  peers: [{ repository: 'acme/web', role: 'consumer', access: 'write' } as const],
})

test('a validation for a repository that the run does not touch refuses the start, and says which there are', () => {
  expect(validationElsewhere(plan('acme/wbe'), 'acme/api')).toEqual({
    why: 'the validation `lint` is for acme/wbe, which is no repository of this run',
    remedy: 'Correct `validation` in `.github/switchyard.yml`, or add acme/wbe to `peers`: this run has acme/api and acme/web.',
  })
})

test('one for a repository of the run, for all of them, or that is not run at all refuses nothing', () => {
  for (const fine of [plan('Acme/API'), plan('acme/web'), plan(undefined), plan('acme/wbe', 'agent')])
    expect(validationElsewhere(fine, 'acme/api')).toBeNull()
})
