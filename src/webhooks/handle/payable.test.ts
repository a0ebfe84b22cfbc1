import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CEILINGS } from '../../../test/support/ceilings.ts'
import { wasSpent } from '../../../test/support/money.ts'
import { settleConfiguration } from '../../config/configuration.ts'
import type { ConfigurationFile } from '../../config/file.ts'
import { planRun, type RunPlan } from '../../config/settings.ts'
import type { BudgetCeilings } from '../../contract/budget.ts'
import { openStore } from '../../store/open-store.ts'
import type { Store } from '../../store/store.ts'
import { nothingLeft, unlistedRoles, unpricedRoles } from './payable.ts'

const AT = Date.parse('2026-12-05T09:00:00Z')
const MODELS = { prices: [{ model: 'quill-*', input: 1, output: 2 }], unpriced: 'refuse' as const }

function deploymentOf(budgets: BudgetCeilings = CEILINGS) {
  return {
    agent: { runtime: 'claude', model: null, command: null, allowRepositoryCommands: false },
    limits: { deployment: 50, installation: 20, repository: 5, person: 4 },
    sweeps: { checksMs: 300_000 },
    budgets,
    debounceMs: 2_000,
    retry: { cap: 3, infrastructure: 5, gapMs: 120_000 },
    models: { prices: [], unpriced: 'refuse' as const },
  }
}

function plan(file: Omit<ConfigurationFile, 'version'> = {}): RunPlan {
  const planned = planRun(settleConfiguration({ version: 1, ...file }), deploymentOf(), 'quick')
  if (!planned.ok) throw new Error(planned.why)
  return planned.plan
}
const working = (model: string) => plan({ roles: { coder: { runtime: { model } } } })

describe('[RUN-2] the model of each role has a price where others are refused', () => {
  test.each(['claude-sonnet-4-5', 'sonnet', 'anthropic/claude-opus-4-5', 'quill-2'])('%s has', (model) => {
    expect(unpricedRoles(working(model), MODELS)).toBeNull()
  })

  test('a role that names none asks for none, and neither does one of another pipeline', () => {
    expect(unpricedRoles(plan(), MODELS)).toBeNull()
    expect(unpricedRoles(plan({ roles: { planner: { runtime: { model: 'mystery' } } } }), MODELS)).toBeNull()
  })

  test('one that has none is named with its roles, the field and the remedy', () => {
    expect(unpricedRoles(working('qull-2'), MODELS)).toEqual({
      why: 'the price of `qull-2` is not known, and no model without one may be called here (coder would work with it)',
      remedy:
        'Did you mean `quill-`? Ask who runs Switchyard to add its price (`MODEL_PRICES`). Or set another model with `roles.<role>.runtime.model` in `.github/switchyard.yml`.',
    })
  })

  test.each(['named', 'allow'] as const)('and may go without one under `UNPRICED_MODELS=%s`', (unpriced) => {
    expect(unpricedRoles(working('mystery'), { ...MODELS, unpriced })).toBeNull()
  })
})

describe('[RUN-2] the model of each role is one that may be asked for', () => {
  const only = (...allowed: string[]) => ({ ...MODELS, allowed })

  test.each(['claude-sonnet-4-5', 'claude-sonnet-4-5-20250929', 'sonnet', 'anthropic/claude-sonnet-4-5[1m]'])(
    '%s is',
    (model) => {
      expect(unlistedRoles(working(model), only('claude-sonnet-4*'))).toBeNull()
    },
  )

  test('one that the deployment does not permit is named with its role, the list and the field', () => {
    expect(unlistedRoles(working('opus'), only('claude-sonnet-4*', 'claude-haiku-4-5'))).toEqual({
      why: '`opus` may not be asked for here (coder would work with it)',
      remedy:
        'Who runs Switchyard permits `claude-sonnet-4*` and `claude-haiku-4-5` (`ALLOWED_MODELS`). Set one of these with `roles.<role>.runtime.model` in `.github/switchyard.yml`.',
    })
  })

  test('so is one that the repository or its organisation does not, which can only narrow', () => {
    const narrowed = plan({ models: ['claude-haiku-4-5'], roles: { coder: { runtime: { model: 'claude-opus-4-5' } } } })
    expect(unlistedRoles(narrowed, MODELS)?.why).toBe(
      '`claude-opus-4-5` may not be asked for in this repository (coder would work with it)',
    )
    const widened = plan({ models: ['claude-*'], roles: { coder: { runtime: { model: 'claude-opus-4-5' } } } })
    expect(unlistedRoles(widened, only('claude-haiku-4-5'))?.remedy).toContain('ALLOWED_MODELS')
  })

  test('a role that names none is asked for none: the gateway looks at each of its calls', () => {
    expect(unlistedRoles(plan(), only('claude-haiku-4-5'))).toBeNull()
  })
})

describe('[RUN-2] a start looks whether budget is left', () => {
  let store: Store
  beforeAll(async () => {
    store = await openStore({ log: pino({ level: 'silent' }) })
  })
  afterAll(() => store.close())

  const requestedBy = { login: 'mona', id: 21 }
  const spend = (scope: 'repository' | 'person' | 'organisation', subject: number, costUsd: number, period = '2026-12') =>
    wasSpent(store.db, { scope, subject: String(subject), period }, costUsd)
  const left = (of: RunPlan, task: Partial<Parameters<typeof nothingLeft>[2]>, ceilings = CEILINGS, at = AT) => {
    const deployment = deploymentOf(ceilings)
    return nothingLeft({ store, deployment, now: () => at }, of, { repositoryId: 1, installationId: 31, requestedBy, ...task })
  }

  test('in the month of its repository: which is said with its field, and when the next begins', async () => {
    const held = plan({ budgets: { repositoryMonth: 5 } })
    await spend('repository', 11, 4.99)
    expect(await left(held, { repositoryId: 11 })).toBeNull()
    await spend('repository', 11, 0.01)
    expect(await left(held, { repositoryId: 11 })).toEqual({
      why: "this month's budget of the repository is used up: $5.00 of $5.00",
      remedy:
        "Raise `budgets.repositoryMonth` in `.github/switchyard.yml`, or start again from 2027-01-01 (UTC) on, when the next month's budget begins.",
    })
    expect(await left(held, { repositoryId: 12 })).toBeNull()
    expect(await left(plan(), { repositoryId: 11 })).toBeNull()
    expect(await left(held, { repositoryId: 11 }, CEILINGS, Date.parse('2027-01-01T00:00:00Z'))).toBeNull()
  })

  test('in the month of who asks', async () => {
    const by = { requestedBy: { login: 'hubot', id: 22 } }
    await spend('person', 22, 3)
    expect((await left(plan({ budgets: { personMonth: 2 } }), by))?.remedy).toContain('Raise `budgets.personMonth` in')
    expect(await left(plan({ budgets: { personMonth: 2 } }), {})).toBeNull()
  })

  test("in the deployment's own months, which only its owner can raise", async () => {
    await spend('organisation', 32, 50)
    const ceilings = { ...CEILINGS, organisationMonth: 50 }
    expect(await left(plan(), { installationId: 32 }, ceilings)).toMatchObject({
      why: "this month's budget of the organisation is used up: $50.00 of $50.00",
      remedy: expect.stringContaining('Ask who runs Switchyard to raise `BUDGET_ORGANISATION_MONTH_USD`, or'),
    })
    await spend('repository', 13, 9)
    const lower = { ...CEILINGS, repositoryMonth: 8 }
    const refused = await left(plan({ budgets: { repositoryMonth: 20 } }), { repositoryId: 13 }, lower)
    expect(refused?.remedy).toContain('raise `BUDGET_REPOSITORY_MONTH_USD`')
  })

  test('only where an agent is to be paid', async () => {
    await spend('repository', 14, 9)
    const task = { repositoryId: 14 }
    const held = plan({ budgets: { repositoryMonth: 1 } })
    expect(await left(held, task)).not.toBeNull()
    expect(await left({ ...held, steps: [] }, task)).toBeNull()
  })
})
