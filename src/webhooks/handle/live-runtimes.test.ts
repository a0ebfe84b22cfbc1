import pino from 'pino'
import { describe, expect, test } from 'vitest'
import { CEILINGS } from '../../../test/support/ceilings.ts'
import { settleConfiguration } from '../../config/configuration.ts'
import type { ConfigurationFile } from '../../config/file.ts'
import { planRun, type RunPlan } from '../../config/settings.ts'
import { openStore } from '../../store/open-store.ts'
import { seenRunner } from '../../store/runners.ts'
import { missingNow, missingRuntimes, unofferedNow } from './live-runtimes.ts'

const deployment = {
  agent: { runtime: 'claude', model: null, command: null, allowRepositoryCommands: false },
  limits: { deployment: 50, installation: 20, repository: 5, person: 4 },
  sweeps: { checksMs: 300_000 },
  budgets: CEILINGS,
  debounceMs: 2_000,
  retry: { cap: 3, infrastructure: 5, gapMs: 120_000 },
}
const CLAUDE = { name: 'claude', version: '2.0.0', ready: true }
const CODEX = { name: 'codex', version: null, ready: false, why: 'it is not installed' }
const MINUTE_MS = 60_000

function plan(file: Omit<ConfigurationFile, 'version'> = {}): RunPlan {
  const planned = planRun(settleConfiguration({ version: 1, ...file }), deployment, 'quick')
  if (!planned.ok) throw new Error(planned.why)
  return planned.plan
}
const codexFixer = plan({ roles: { fixer: { runtime: { name: 'codex' } } } })

describe("[RUN-2] every role's runtime is offered by a live runner", () => {
  test('by one of them, or several together; roles of other pipelines ask for nothing', () => {
    expect(missingRuntimes(plan(), [{ runtimes: [CLAUDE] }])).toBeNull()
    const both = [{ runtimes: [CLAUDE] }, { runtimes: [{ ...CODEX, ready: true }] }]
    expect(missingRuntimes(codexFixer, both)).toBeNull()
    expect(missingRuntimes(plan({ roles: { planner: { runtime: { name: 'codex' } } } }), [{ runtimes: [CLAUDE] }])).toBeNull()
  })

  test('what is missing is named with its roles, the reason and the remedy', () => {
    expect(missingRuntimes(codexFixer, [{ runtimes: [CLAUDE, CODEX] }])).toEqual({
      why: 'no runner that is up offers the coding agent `codex` (for fixer)',
      remedy:
        '`codex` is not ready: `it is not installed`. Runners offer `claude` now. Ask who runs Switchyard to start a runner that has it, or set another one with `roles.<role>.runtime.name` in `.github/switchyard.yml`.',
    })
  })

  test('a runner that is gone offers nothing; just after the start of the app the first report is waited for', async () => {
    const store = await openStore({ log: pino({ level: 'silent' }) })
    try {
      const young = { store, startedAt: Date.now() }
      const old = { store, startedAt: Date.now() - 10 * MINUTE_MS }
      expect(await missingNow(young, plan())).toBeNull()
      expect((await missingNow(old, plan()))?.remedy).toContain('No runner offers any now.')
      const heartbeat = { runner: 'r', version: '1', concurrency: 1, active: [], runtimes: [CLAUDE] }
      await seenRunner(store.db, heartbeat, Date.now() - 2 * MINUTE_MS)
      expect(await missingNow(old, plan())).not.toBeNull()
      await seenRunner(store.db, heartbeat)
      expect(await missingNow(old, plan())).toBeNull()
      expect(await missingNow(young, codexFixer)).not.toBeNull()
      // Another model is refused where nobody has the role's coding agent.
      const { settings } = codexFixer
      expect(await unofferedNow(old, { settings }, 'coder')).toBeNull()
      expect((await unofferedNow(old, { settings }, 'fixer'))?.why).toContain('`codex` (for fixer)')
    } finally {
      await store.close()
    }
  })
})
