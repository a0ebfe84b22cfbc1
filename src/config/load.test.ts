import { describe, expect, test } from 'vitest'
import { mergeConfigurations, settleConfiguration } from './configuration.ts'
import { BUILT_IN_CONFIGURATION } from './defaults.ts'
import { loadConfiguration } from './load.ts'

const PATH = '.github/switchyard.yml'

function load(files: Record<string, string>, organizationRepository: string | null = 'acme/.github', repository = 'acme/api') {
  const asked: string[] = []
  const loaded = loadConfiguration({
    readFile: async (from, path) => {
      asked.push(`${from} ${path}`)
      const source = files[from]
      return source === undefined ? null : { source, sha: `sha of ${from}` }
    },
    repository,
    organizationRepository,
  })
  return loaded.then((result) => ({ result, asked }))
}

describe('the configuration of a repository', () => {
  test('without any file the built-in defaults hold', async () => {
    const { result } = await load({})
    expect(result).toEqual({ ok: true, configuration: BUILT_IN_CONFIGURATION, sources: [] })
  })

  test('the reader is asked for the file alone, in the repository and in the organisation: no ref of a pull request can be named', async () => {
    const { asked } = await load({})
    expect(asked).toEqual([`acme/.github ${PATH}`, `acme/api ${PATH}`])
    expect((await load({}, 'acme/.github', 'Acme/.github')).asked).toEqual([`Acme/.github ${PATH}`])
    expect((await load({}, null)).asked).toEqual([`acme/api ${PATH}`])
  })

  test("[CFG-1] the organisation's file lies under the repository's own, and both are named as sources", async () => {
    const { result } = await load({
      'acme/.github': `version: 1
merge: { by: auto, method: rebase }
approve: { notRequester: true }
roles: { coder: { runtime: { name: claude, model: big }, instructions: Be brief. } }
peers: [{ repository: acme/web, role: consumer }, { repository: acme/specs, role: reference }]
pipelines: { house: [{ kind: agent }] }
`,
      'acme/api': `version: 1
merge: { method: merge }
roles: { coder: { runtime: { effort: high } } }
peers: [{ repository: Acme/web, role: provider }]
`,
    })
    expect(result).toMatchObject({
      ok: true,
      sources: [
        { repository: 'acme/.github', path: PATH, sha: 'sha of acme/.github' },
        { repository: 'acme/api', path: PATH, sha: 'sha of acme/api' },
      ],
      configuration: {
        merge: { by: 'auto', method: 'merge', permissions: ['write', 'maintain', 'admin'] },
        approve: { notRequester: true },
        roles: { coder: { runtime: { name: 'claude', model: 'big', effort: 'high' }, instructions: 'Be brief.' } },
        peers: [
          { repository: 'acme/specs', role: 'reference' },
          { repository: 'Acme/web', role: 'provider' },
        ],
        pipelines: { house: [{ kind: 'agent' }], default: BUILT_IN_CONFIGURATION.pipelines.default },
      },
    })
  })

  test("[SCH-1] an organisation's schedules come in its own repository only, also where that file is the only one", async () => {
    const schedules = "version: 1\nschedules: [{ name: weekly, cron: '0 6 * * 1', title: Notes }]\n"
    const weekly = [{ name: 'weekly', cron: '0 6 * * 1', title: 'Notes' }]
    const found = async (files: Record<string, string>, repository?: string) => {
      const { result } = await load(files, 'acme/.github', repository)
      return result.ok ? result.configuration.schedules : null
    }
    expect(await found({ 'acme/.github': schedules })).toEqual([])
    expect(await found({ 'acme/.github': schedules, 'acme/api': 'version: 1\n' })).toEqual([])
    expect(await found({ 'acme/.github': schedules }, 'acme/.github')).toEqual(weekly)
    expect(await found({ 'acme/api': schedules })).toEqual(weekly)
  })

  test("[CFG-3] merge policy key by key, protected paths of both, validation commands whole: the organisation's lie under", async () => {
    const { result } = await load({
      'acme/.github': `version: 1
merge: { by: policy, policy: { risk: 0.1, maxFiles: 5 } }
protectedPaths: ['infra/**']
validation: [{ name: lint, run: npm run lint }, { name: types, run: npx tsc }]
reviewQuietSeconds: 10
`,
      'acme/api': `version: 1
merge: { policy: { maxFiles: 7, classes: [docs] } }
protectedPaths: ['src/billing/**', 'infra/**']
validation: [{ name: test, run: npm test, timeoutMinutes: 2 }]
`,
    })
    expect(result).toMatchObject({
      configuration: {
        merge: {
          by: 'policy',
          policy: { complexity: 0.5, risk: 0.1, impact: 0.5, classes: ['docs'], maxFiles: 7, maxLines: 1_500 },
        },
        protectedPaths: ['infra/**', 'src/billing/**'],
        validation: [{ name: 'test', run: 'npm test', timeoutMinutes: 2 }],
        reviewQuietSeconds: 10,
      },
    })
  })

  test('[CFG-3] of the network is left what both permit, and a sandbox that one of them asks for stays asked for', async () => {
    const { result } = await load({
      'acme/.github':
        "version: 1\nsandbox: required\nnetwork: { hosts: ['*.example.com', npm.example.org, pip.example.org] }\n",
      'acme/api': "version: 1\nnetwork: { hosts: [a.example.com, npm.example.org, 'npm.example.org:8443', evil.test] }\n",
    })
    expect(result).toMatchObject({
      configuration: { sandbox: 'required', network: { hosts: ['npm.example.org', 'a.example.com'] } },
    })
    const own = await load({ 'acme/.github': 'version: 1\n', 'acme/api': 'version: 1\nnetwork: { hosts: [] }\n' })
    expect(own.result).toMatchObject({ configuration: { sandbox: undefined, network: { hosts: [] } } })
  })

  test('every error of every file is reported, each with its file', async () => {
    const { result } = await load({ 'acme/.github': 'version: 3\n', 'acme/api': 'version: 1\nx: 1\ny: 2\n' })
    expect(result).toMatchObject({
      ok: false,
      broken: [
        { repository: 'acme/.github', sha: 'sha of acme/.github', errors: [{ line: 1 }] },
        { repository: 'acme/api', errors: [{ line: 2 }, { line: 3 }] },
      ],
    })
  })

  test('not being able to read is not the same as no file', async () => {
    const readFile = () => Promise.reject(new Error('503'))
    await expect(loadConfiguration({ readFile, repository: 'a/b', organizationRepository: null })).rejects.toThrow('503')
  })

  test('layering changes neither file, and an empty file changes nothing', () => {
    const under = Object.freeze({ version: 1 as const, merge: Object.freeze({ by: 'auto' as const }) })
    const over = Object.freeze({ version: 1 as const, bots: ['x[bot]'] })
    expect(settleConfiguration(mergeConfigurations(under, over))).toEqual({
      ...BUILT_IN_CONFIGURATION,
      merge: { ...BUILT_IN_CONFIGURATION.merge, by: 'auto' },
      bots: ['x[bot]'],
    })
    expect(settleConfiguration({ version: 1 })).toEqual(BUILT_IN_CONFIGURATION)
  })

  test.each([
    [undefined, undefined, true],
    [undefined, false, false],
    [false, undefined, false],
    [true, false, true],
    [false, true, true],
  ])('protectedManifests: %s of the organisation under %s of the repository is %s', (under, over, settled) => {
    const file = (protectedManifests: boolean | undefined) =>
      protectedManifests === undefined ? { version: 1 as const } : { version: 1 as const, protectedManifests }
    expect(settleConfiguration(mergeConfigurations(file(under), file(over))).protectedManifests).toBe(settled)
  })

  test('another runtime does not inherit the model of the one before', () => {
    const under = { version: 1 as const, roles: { coder: { runtime: { name: 'claude', model: 'big' } } } }
    const over = { version: 1 as const, roles: { coder: { runtime: { name: 'codex' } } } }
    expect(mergeConfigurations(under, over).roles).toEqual({ coder: { runtime: { name: 'codex' }, limits: {}, guard: {} } })
  })
})
