import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CEILINGS } from '../../test/support/ceilings.ts'
import { JobLimits } from '../contract/job.ts'
import { JobGuard } from '../contract/job-guard.ts'
import { ALWAYS_PROTECTED, INSTALL_HOOKS } from '../contract/protection.ts'
import { checkPipeline } from '../pipeline/definitions.ts'
import { readsOnly } from '../pipeline/reads-only.ts'
import { RunSettings } from '../pipeline/run-settings.ts'
import { loadRoles } from '../roles/load-roles.ts'
import { BUILT_IN_PIPELINES } from './built-in-pipelines.ts'
import { mergeConfigurations, settleConfiguration } from './configuration.ts'
import { BUILT_IN_CONFIGURATION } from './defaults.ts'
import type { ConfigurationFile } from './file.ts'
import { ROLE_NAMES } from './file-roles.ts'
import { parseConfiguration } from './parse.ts'
import { jobLimits, limitFaults } from './role-limits.ts'
import { type Deployment, liveRunLimits, planRun } from './settings.ts'
import { pipelineFaults, stepConfigs } from './steps.ts'

const deployment: Deployment = {
  agent: { runtime: 'claude', model: 'some-model', command: null, allowRepositoryCommands: false },
  limits: { deployment: 50, installation: 20, repository: 5, person: 4 },
  sweeps: { checksMs: 300_000 },
  budgets: CEILINGS,
  debounceMs: 2_000,
  retry: { cap: 3, infrastructure: 5, gapMs: 120_000 },
}
const configured = (file: Omit<ConfigurationFile, 'version'>) => settleConfiguration({ version: 1, ...file })

function planned(file: Omit<ConfigurationFile, 'version'>, pipeline = 'default', owner: Partial<Deployment> = {}) {
  const result = planRun(configured(file), { ...deployment, ...owner }, pipeline)
  if (!result.ok) throw new Error(result.why)
  return result.plan
}
function refusedWith(file: Omit<ConfigurationFile, 'version'>, pipeline = 'default', owner: Partial<Deployment> = {}) {
  const result = planRun(configured(file), { ...deployment, ...owner }, pipeline)
  return result.ok ? null : result.why
}

describe('what a run is started with', () => {
  test('the built-in configuration gives settings for every role, and the default pipeline', () => {
    const { settings, steps, peers } = planned({})
    expect(RunSettings.parse(settings)).toEqual(settings)
    expect(Object.keys(settings.roles)).toEqual(ROLE_NAMES)
    expect(settings).toMatchObject({
      merge: { by: 'person', method: 'squash', policy: { complexity: 0.5, risk: 0.4, impact: 0.5, maxFiles: 50 } },
      protectedPaths: [...ALWAYS_PROTECTED, ...INSTALL_HOOKS],
      protectedManifests: true,
      validation: [],
      reviewQuietMs: 60_000,
      prefix: '/yard',
      escalateMs: 7_200_000,
      noChecksGraceMs: 90_000,
    })
    expect(steps.map(({ id, kind }) => `${id}:${kind}`)).toEqual([
      'questions:questions',
      'plan:plan',
      'approval:approval',
      'code:agent',
      'companion:companion',
      'validate:validate',
      'conflicts:conflicts',
      'ci:ci',
      'review:review',
      'merge:merge',
    ])
    expect(planned({}, 'quick').steps.map(({ kind }) => kind)).toEqual(['agent', 'ci'])
    expect(peers).toEqual([])
  })

  test.each(BUILT_IN_PIPELINES)(
    'the built-in pipeline $name is good, and every role that it needs is there',
    ({ name, steps }) => {
      const on = name === 'fix' ? 'pull' : 'issue'
      expect(pipelineFaults(steps, on)).toEqual([])
      expect(checkPipeline(planned({}, name).steps, on)).toEqual([])
    },
  )

  test('of the built-in pipelines those that push nothing may run on any pull request, and only fix may change one', () => {
    expect(settleConfiguration(null).onPullRequests).toEqual(['fix'])
    const reading = BUILT_IN_PIPELINES.filter(({ steps }) => readsOnly(stepConfigs(steps))).map(({ name }) => name)
    expect(reading).toEqual(['review', 'plan'])
  })

  test('no approval of the default pipeline can be skipped', () => {
    const approvals = planned({}).steps.filter(({ kind }) => kind === 'approval')
    expect(approvals.map(({ required }) => required)).toEqual([true])
  })

  test('merge policy, protected paths, validation commands and the quiet period reach the run', () => {
    const { settings } = planned({
      merge: { by: 'policy', policy: { risk: 0.1 } },
      protectedPaths: ['infra/**'],
      protectedManifests: false,
      validation: [
        { name: 'lint', run: 'npm run lint' },
        { name: 'types', run: 'npx tsc', repository: 'acme/web', timeoutMinutes: 2.5 },
      ],
      reviewQuietSeconds: 1.5,
    })
    expect(settings).toMatchObject({
      merge: { by: 'policy', policy: { complexity: 0.5, risk: 0.1 } },
      protectedPaths: [...ALWAYS_PROTECTED, 'infra/**'],
      protectedManifests: false,
      validation: [
        { name: 'lint', run: 'npm run lint', timeoutMs: 600_000 },
        { name: 'types', run: 'npx tsc', repository: 'acme/web', timeoutMs: 150_000 },
      ],
      reviewQuietMs: 1_500,
    })
    expect(RunSettings.parse(settings)).toEqual(settings)
  })

  test('[CFG-3] what the sandbox of its jobs must hold back reaches the run', () => {
    expect(planned({}).settings.sandbox).toEqual({ required: false })
    const { settings } = planned({ sandbox: 'required', network: { hosts: ['npm.example.com'] } })
    expect(settings.sandbox).toEqual({ required: true, hosts: ['npm.example.com'] })
    expect(RunSettings.parse(settings)).toEqual(settings)
  })

  test('an unknown pipeline is refused with the nearest and all known', () => {
    expect(refusedWith({}, 'quik')).toBe(
      'There is no pipeline `quik` here. Did you mean `quick`? There are `default`, `quick`, `bugfix`, `unattended`, `review`, `fix`, `tech-debt`, `dependencies`, `docs` and `plan`.',
    )
    expect(refusedWith({}, 'constructor')).toBe(
      'There is no pipeline `constructor` here. There are `default`, `quick`, `bugfix`, `unattended`, `review`, `fix`, `tech-debt`, `dependencies`, `docs` and `plan`.',
    )
  })

  test('[CFG-5] the shape is checked again when a run starts, with the same check as at loading', () => {
    const good = [
      { kind: 'plan' },
      { kind: 'approval' },
      { kind: 'agent' },
      { kind: 'companion' },
      { kind: 'ci' },
      { kind: 'merge' },
    ]
    const step = fc.record(
      {
        kind: fc.constantFrom('plan', 'agent', 'approval', 'companion', 'ci', 'merge', 'magic'),
        id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        enabled: fc.boolean(),
        mode: fc.constantFrom('code', 'x'),
      },
      { requiredKeys: ['kind'] },
    )
    fc.assert(
      fc.property(fc.oneof(fc.array(step, { maxLength: 6 }), fc.subarray(good)), (steps) => {
        const atLoading = pipelineFaults(steps)
        expect(atLoading.length > 0).toBe(checkPipeline(stepConfigs(steps)).length > 0)
        expect(refusedWith({ pipelines: { mine: steps } }, 'mine') !== null).toBe(atLoading.length > 0)
      }),
    )
    expect(refusedWith({ pipelines: { mine: [{ kind: 'agent' }, { kind: 'agent' }] } }, 'mine')).toMatch(
      /^The pipeline `mine` is not good at /,
    )
  })

  test('a role takes its runtime from the file, then from the deployment', () => {
    const { settings } = planned({
      roles: {
        coder: { runtime: { effort: 'high' }, instructions: 'Small commits.' },
        reviewer: { runtime: { name: 'codex' } },
        fixer: { runtime: { model: 'other' }, limits: { durationMinutes: 5 } },
      },
    })
    expect(settings.roles).toMatchObject({
      planner: { runtime: { name: 'claude', model: 'some-model' }, instructions: '' },
      coder: { runtime: { name: 'claude', model: 'some-model', effort: 'high' }, instructions: 'Small commits.' },
      fixer: { runtime: { name: 'claude', model: 'other' }, limits: { durationMs: 300_000 } },
    })
    expect(settings.roles.reviewer?.runtime).toEqual({ name: 'codex' })
  })

  test("a repository's own program runs only where the deployment's owner allows it", () => {
    const file = { roles: { coder: { runtime: { name: 'command', command: ['/bin/sh', '-c', 'id'] } } } }
    expect(refusedWith(file)).toMatch(/`roles\.coder\.runtime\.command`.*ALLOW_REPOSITORY_COMMANDS=true/)
    const agent = { ...deployment.agent, allowRepositoryCommands: true }
    expect(planned(file, 'default', { agent }).settings.roles.coder?.runtime.command).toEqual(['/bin/sh', '-c', 'id'])
    const own = { ...deployment.agent, runtime: 'command', command: ['/opt/agent'] }
    expect(planned({}, 'default', { agent: own }).settings.roles.coder?.runtime).toEqual({
      name: 'command',
      model: 'some-model',
      command: ['/opt/agent'],
    })
  })

  test('a peer is written to unless it is a reference, or the file says read', () => {
    const peers = [
      { repository: 'a/b', role: 'consumer' as const },
      { repository: 'a/c', role: 'reference' as const, directory: 'x' },
      { repository: 'a/d', role: 'provider' as const, access: 'read' as const },
    ]
    expect(planned({ peers }).peers).toEqual([
      { repository: 'a/b', role: 'consumer', access: 'write' },
      { repository: 'a/c', role: 'reference', access: 'read', directory: 'x' },
      { repository: 'a/d', role: 'provider', access: 'read' },
    ])
  })

  test("a configuration lowers the deployment's limits and never raises them", () => {
    expect(liveRunLimits(configured({ limits: { runsPerRepository: 2, runsPerPerson: 900 } }), deployment)).toEqual({
      deployment: 50,
      installation: 20,
      repository: 2,
      person: 4,
    })
    expect(liveRunLimits(BUILT_IN_CONFIGURATION, deployment)).toEqual(deployment.limits)
  })
})

test('[GRD-2] output limits: 4 MiB, 300 files, 1 MiB a file; a file sets them one by one over the organisation’s, within bounds', () => {
  const defaults = { patchBytes: 4 * 1024 * 1024, files: 300, fileBytes: 1024 * 1024 }
  expect(planned({}).settings.output).toEqual(defaults)
  expect(planned({ limits: { output: { fileKiB: 2 } } }).settings.output).toEqual({ ...defaults, fileBytes: 2_048 })
  const organisation = { version: 1, limits: { output: { patchKiB: 9, files: 7 } } } as const
  const merged = mergeConfigurations(organisation, { version: 1, limits: { runsPerPerson: 1, output: { files: 8 } } })
  expect(merged.limits).toEqual({ runsPerPerson: 1, output: { patchKiB: 9, files: 8 } })
  for (const [key, value] of [
    ['patchKiB', 0],
    ['files', 1.5],
    ['fileKiB', 102_401],
  ]) {
    const result = parseConfiguration(`version: 1\nlimits:\n  output:\n    ${key}: ${value}\n`)
    expect(result).toMatchObject({ ok: false, errors: [{ line: 4, path: `limits.output.${key}` }] })
  }
})

test('the roles of the file are the roles that have a prompt', async () => {
  const { byName } = await loadRoles()
  expect([...byName.keys()].toSorted()).toEqual(ROLE_NAMES.toSorted())
})

test('[JOB-9] limits that are left out stay shorter than the ones around them', () => {
  expect(jobLimits({})).toEqual(JobLimits.parse({}))
  expect(jobLimits({ durationMinutes: 5 })).toMatchObject({
    durationMs: 300_000,
    inactivityMs: 243_000,
    toolSilenceMs: 270_000,
    coldStartMs: 120_000,
  })
  const between = (min: number, max: number) => fc.option(fc.double({ min, max, noNaN: true }), { nil: undefined })
  const file = fc.record({
    durationMinutes: between(0.1, 360),
    inactivityMinutes: between(0.1, 60),
    toolSilenceMinutes: between(0.1, 60),
    coldStartSeconds: between(0.5, 600),
    checkpointSeconds: between(1, 3_600),
  })
  fc.assert(
    fc.property(file, (limits) => {
      fc.pre(limitFaults(limits).length === 0)
      const { coldStartMs, inactivityMs, toolSilenceMs, durationMs } = jobLimits(limits)
      expect(coldStartMs).toBeLessThan(inactivityMs)
      expect(inactivityMs).toBeLessThan(toolSilenceMs)
      expect(toolSilenceMs).toBeLessThan(durationMs)
    }),
    { numRuns: 2_000 },
  )
})

test('[GRD-1] a role’s guard reaches the run, loosened and within bounds; one that tightens it is refused', () => {
  expect(planned({ roles: { coder: { guard: { turns: 500 } } } }).settings.roles.coder?.guard).toEqual({
    ...JobGuard.parse({}),
    turns: 500,
  })
  const faults = parseConfiguration('version: 1\nroles:\n  coder:\n    guard: { turns: 100, webCalls: 251 }\n')
  expect(faults).toMatchObject({
    ok: false,
    errors: [
      { line: 4, message: expect.stringContaining('200') },
      { line: 4, message: expect.stringContaining('250') },
    ],
  })
})
