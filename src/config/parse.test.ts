import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigurationFile } from './file.ts'
import { CONFIGURATION_MAX_CHARACTERS, parseConfiguration } from './parse.ts'

function errorsOf(source: string) {
  const result = parseConfiguration(source)
  return result.ok ? [] : result.errors.map(({ line, path, message }) => `${line} ${path}: ${message}`)
}

const FULL = `version: 1
pipelines:
  careful:
    - kind: plan
    - kind: approval
    - { id: code, kind: agent, role: coder, mode: code }
    - { kind: companion, role: reviewer, threshold: 0.9, reworks: 2 }
    - { kind: ci, attempts: 3 }
    - { kind: merge, by: person, required: true }
roles:
  coder:
    runtime: { name: claude, model: some-model, effort: high }
    instructions: Prefer small commits.
    limits: { durationMinutes: 90, inactivityMinutes: 15 }
  reviewer:
    instructions: Look for holes.
peers:
  - { repository: acme/web, role: consumer }
  - { repository: acme/specs, role: reference, access: read, directory: services/api }
merge:
  by: policy
  method: squash
  permissions: [maintain, admin]
  policy: { complexity: 0.3, risk: 0.2, impact: 0.1, classes: [docs, test], maxFiles: 10, maxLines: 100 }
protectedPaths: ['src/billing/**', '*.pem']
validation:
  - { name: lint, run: npm run lint }
  - { name: types, run: npx tsc, repository: acme/web, timeoutMinutes: 5 }
limits: { runsPerRepository: 2, runsPerPerson: 1, output: { patchKiB: 8192, files: 500, fileKiB: 2048 } }
start: { permissions: [triage, write, maintain, admin] }
approve: { permissions: [maintain, admin], notRequester: true }
bots: ['renovate[bot]']
commands: { prefix: '!sy' }
escalateAfterMinutes: 60
noChecksGraceSeconds: 30
reviewQuietSeconds: 5
`

describe('.github/switchyard.yml', () => {
  test('everything that can be set is taken', () => {
    const result = parseConfiguration(FULL)
    expect(result).toMatchObject({
      ok: true,
      configuration: { bots: ['renovate[bot]'], peers: [{}, { directory: 'services/api' }] },
    })
  })

  test('the version alone is enough', () => {
    expect(parseConfiguration('version: 1')).toEqual({ ok: true, configuration: { version: 1 } })
  })

  test('[CFG-1] an unknown key is an error that names it, its line and the nearest known one, at every depth', () => {
    const source = `version: 1
piplines: {}
merge:
  metod: squash
roles:
  coder:
    runtime: { modell: x }
pipelines:
  mine:
    - { kind: agent, moed: code }
peers:
  - { repository: a/b, role: consumer, acess: read }
xyzzy: 1
`
    expect(errorsOf(source)).toEqual([
      '2 piplines: `piplines` is not known here; did you mean `pipelines`?',
      '4 merge.metod: `metod` is not known here; did you mean `method`?',
      '7 roles.coder.runtime.modell: `modell` is not known here; did you mean `model`?',
      '10 pipelines.mine[0].moed: `moed` is not known here; did you mean `mode`?',
      '12 peers[0].acess: `acess` is not known here; did you mean `access`?',
      `13 xyzzy: \`xyzzy\` is not known here; known here: ${Object.keys(ConfigurationFile.shape)
        .map((key) => `\`${key}\``)
        .join(', ')}.`,
    ])
  })

  test('everything that is wrong is said at once, in the order of the file', () => {
    const source = `version: 2
merge:
  method: sqash
  by: 3
limits:
  runsPerRepository: 0
  runsPerPerson: 1.5
bots: renovate
peers:
  - repository: acme
    role: consumer
  - { repository: acme/web, role: reference, access: write }
  - { repository: ACME/web, role: consumer, directory: ../x }
roles:
  Coder: {}
  codr: {}
  fixer: { limits: { durationMinutes: 5, inactivityMinutes: 6 } }
commands: { prefix: yard }
start:
`
    expect(errorsOf(source)).toMatchInlineSnapshot(`
      [
        "1 version: must be \`1\`, not 2.",
        "3 merge.method: \`sqash\` must be \`merge\`, \`squash\` or \`rebase\`. Did you mean \`squash\`?",
        "4 merge.by: must be \`person\`, \`auto\` or \`policy\`, not 3.",
        "6 limits.runsPerRepository: must be at least 1, not 0.",
        "7 limits.runsPerPerson: must be a whole number, not 1.5.",
        "8 bots: must be a list, not the text \`renovate\`. Put it on a line of its own below, behind \`- \`.",
        "10 peers[0].repository: \`acme\` must be \`owner/name\`.",
        "12 peers[1].access: a reference is only read; \`write\` needs another role.",
        "13 peers[2].directory: \`../x\` must be a path inside the repository.",
        "15 roles.Coder: \`Coder\` is not known here; did you mean \`coder\`?",
        "16 roles.codr: \`codr\` is not known here; did you mean \`coder\`?",
        "17 roles.fixer.limits.inactivityMinutes: must be shorter than \`durationMinutes\`, which is 5.",
        "18 commands.prefix: \`yard\` must be a word behind /, ! or ., like \`/yard\`.",
        "19 start: is empty; it must be a group of keys, or be left out.",
      ]
    `)
  })

  test('[SCH-1] [CFG-3] a slip in a schedule is told with its line and key', () => {
    const source = `version: 1
schedules:
  - name: weekly
    cron: 0 6 * *
    timeZone: Europe/Berln
    pipeline: dependencis
    title: Dependencies
  - name: weekly
    cron: '* * * * *'
    titel: Notes
  - name: weekly
    cron: 0 25 * * *
    pipeline: review
    title: Reviews
`
    expect(errorsOf(source)).toMatchInlineSnapshot(`
      [
        "4 schedules[0].cron: must be five fields: minute, hour, day of the month, month, day of the week; \`0 6 * * 1\` is Mondays at six.",
        "5 schedules[0].timeZone: there is no time zone \`Europe/Berln\`; did you mean \`Europe/Berlin\`, \`Europe/Dublin\` or \`Europe/Jersey\`?",
        "6 schedules[0].pipeline: there is no pipeline \`dependencis\`; did you mean \`dependencies\`?",
        "8 schedules[1].title: is missing; it must be a text.",
        "10 schedules[1].titel: \`titel\` is not known here; did you mean \`title\`?",
        "11 schedules[2].name: \`weekly\` is there twice.",
        "12 schedules[2].cron: \`0 25 * * *\` is no cron expression: invalid value for hour: 25.",
        "13 schedules[2].pipeline: the pipeline \`review\` is for pull requests; a schedule opens an issue.",
      ]
    `)
  })

  test('[CFG-3] the merge policy, protected paths and validation commands have bounds, and slips are named', () => {
    const source = `version: 1
merge:
  by: polcy
  policy:
    risk: 1.2
    complexty: 0.1
    classes: [doc]
    maxFiles: 0
    maxLines: 1000000
protectedPaths:
  - /etc/**
  - a/../b
  - '!src/**'
validation:
  - { name: lint, run: npm run lint, repository: web }
  - { name: lint, run: npm test, timeoutMinutes: 90 }
  - { name: types, cmd: tsc }
  - { name: types, run: '' }
reviewQuietSeconds: -1
pipelines:
  mine:
    - { kind: agent, when: { rsk: 0.5, impact: 2 }, required: yes please }
`
    expect(errorsOf(source)).toMatchInlineSnapshot(`
      [
        "3 merge.by: \`polcy\` must be \`person\`, \`auto\` or \`policy\`. Did you mean \`policy\`?",
        "5 merge.policy.risk: must be at most 1, not 1.2.",
        "6 merge.policy.complexty: \`complexty\` is not known here; did you mean \`complexity\`?",
        "7 merge.policy.classes[0]: \`doc\` must be \`docs\`, \`test\`, \`dependency\`, \`config\`, \`source\` or \`schema\`. Did you mean \`docs\`?",
        "8 merge.policy.maxFiles: must be at least 1, not 0.",
        "9 merge.policy.maxLines: must be at most 100000, not 1000000.",
        "11 protectedPaths[0]: \`/etc/**\` must be a glob inside the repository, from its root.",
        "12 protectedPaths[1]: \`a/../b\` must be a glob inside the repository, from its root.",
        "13 protectedPaths[2]: \`!src/**\` must be a glob inside the repository, from its root.",
        "15 validation[0].repository: \`web\` must be \`owner/name\`.",
        "16 validation[1].timeoutMinutes: must be at most 60, not 90.",
        "17 validation[2].run: is missing; it must be a text.",
        "17 validation[2].cmd: \`cmd\` is not known here; known here: \`name\`, \`run\`, \`repository\`, \`timeoutMinutes\`.",
        "18 validation[3].run: must have at least 1 character.",
        "19 reviewQuietSeconds: must be at least 0, not -1.",
        "22 pipelines.mine[0].when.rsk: \`rsk\` is not known here; did you mean \`risk\`?",
        "22 pipelines.mine[0].when.impact: must be at most 1, not 2.",
        "22 pipelines.mine[0].required: must be true or false, not the text \`yes please\`.",
      ]
    `)
  })

  test.each([
    ['unknown kind', ['kind: agnet'], '4 pipelines.mine[0].kind: there is no step kind `agnet`; did you mean `agent`?'],
    [
      'no step enabled',
      ['kind: agent, enabled: false'],
      '3 pipelines.mine: no step is enabled; a pipeline needs at least one.',
    ],
    [
      'two of one id',
      ['kind: agent', 'kind: agent'],
      '5 pipelines.mine[1].id: the id "agent" is taken by step 1; give this one an id of its own.',
    ],
    [
      'an option out of bounds',
      ['kind: agent', 'kind: ci, attempts: 99'],
      '5 pipelines.mine[1].attempts: must be at most 50, not 99.',
    ],
    [
      'two merges',
      ['kind: agent', 'kind: merge, id: a', 'kind: merge, id: b'],
      '6 pipelines.mine[2]: a pipeline has one merge at most.',
    ],
    ['unknown role', ['kind: agent, role: codr'], '4 pipelines.mine[0].role: there is no role `codr`; did you mean `coder`?'],
    [
      'a role whose report the kind cannot read',
      ['kind: estimate, role: coder', 'kind: agent'],
      '4 pipelines.mine[0].role: a step "estimate" reads a report of the shape "estimate", and the role "coder" leaves one of the shape "work"; roles that fit: estimator.',
    ],
    ['a step without a kind', ['id: x'], '4 pipelines.mine[0].kind: is missing; it must be a text.'],
  ])('[CFG-5] a pipeline is checked when it is loaded: %s', (_what, steps, error) => {
    const source = `version: 1\npipelines:\n  mine:\n${steps.map((step) => `    - { ${step} }\n`).join('')}`
    expect(errorsOf(source)).toContain(error)
  })

  test('[CMD-1] [CFG-5] a pipeline for pull requests needs no step that makes code, has no merge, and is in the same file', () => {
    const file = (steps: string, listed = 'mend') => `version: 1\npipelines:\n  mend: [${steps}]\nonPullRequests: [${listed}]\n`
    expect(errorsOf(file('{ kind: ci }'))).toEqual([])
    expect(errorsOf(file('{ kind: ci }', ''))).toEqual([expect.stringContaining('needs an agent step in code mode')])
    expect(errorsOf(file('{ kind: ci }, { kind: merge }'))).toEqual([expect.stringContaining("somebody else's")])
    expect(errorsOf(file('{ kind: ci }', 'mend, mand'))).toEqual([
      expect.stringContaining('onPullRequests[1]: there is no pipeline `mand`; did you mean `mend`?'),
    ])
    expect(errorsOf(file('{ kind: ci }', 'mend, quick, default'))).toEqual([
      expect.stringContaining('`default` cannot run on a pull request'),
    ])
  })

  test('[CFG-5] a companion stands directly after its producer', () => {
    const source = 'version: 1\npipelines:\n  mine:\n    - kind: agent\n    - kind: ci\n    - kind: companion\n'
    expect(errorsOf(source)).toEqual([
      '6 pipelines.mine[2]: the companion "companion" must stand directly after the step it grades (plan, agent, document or investigate).',
    ])
  })

  test('a file that is no YAML, empty, or something else says so with its line', () => {
    expect(errorsOf('')).toEqual(['1 : is empty; it begins with `version: 1`.'])
    expect(errorsOf('# nothing\n')).toEqual(['1 : is empty; it begins with `version: 1`.'])
    expect(errorsOf('- 1\n')).toEqual(['1 : must be a group of keys, not a list. Write keys with a colon, without `- `.'])
    expect(errorsOf('version: 1\nmerge: {by: auto\n')[0]).toMatch(/^[23] : /)
    expect(errorsOf('version: 1\nversion: 1\n')[0]).toMatch(/^2 : /)
    expect(errorsOf('version: !js 1\n')[0]).toMatch(/^1 : /)
    expect(errorsOf('version: 1\n---\nversion: 1\n')[0]).toMatch(/^\d : /)
  })

  test('a file that is too large, too deep or unfolds without end is refused, not read', () => {
    expect(errorsOf(`version: 1 #${'x'.repeat(CONFIGURATION_MAX_CHARACTERS)}`)).toHaveLength(1)
    expect(errorsOf(`version: ${'['.repeat(50_000)}`).length).toBeGreaterThan(0)
    const laughs = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'.split('').map((name, index) => `${name}: &${name} [${`*${'abcdefgh'[index]},`.repeat(10)}]`),
    ]
    expect(errorsOf(laughs.join('\n')).length).toBeGreaterThan(0)
  })

  test('keys of JavaScript objects are keys like others', () => {
    expect(errorsOf('version: 1\nconstructor: 1\n')[0]).toMatch(/^2 constructor: `constructor` is not known here/)
    expect(errorsOf('version: 1\n__proto__: { by: auto }\n').length).toBeGreaterThan(0)
    expect(errorsOf('version: 1\nroles: { __proto__: { instructions: x } }\n').length).toBeGreaterThan(0)
  })

  test('never throws, and every error has a line of the file', () => {
    const lines = FULL.split('\n')
    const edited = fc
      .array(
        fc.tuple(
          fc.nat(lines.length - 1),
          fc.oneof(fc.constant(''), fc.string(), fc.constantFrom('  x: y', '- 1', 'null', '&a *a', '? :')),
        ),
        { maxLength: 5 },
      )
      .map((edits) => edits.reduce((text, [at, line]) => text.toSpliced(at, 1, line), lines).join('\n'))
    fc.assert(
      fc.property(fc.oneof(edited, fc.string()), (source) => {
        const result = parseConfiguration(source)
        if (result.ok) return
        expect(result.errors.length).toBeGreaterThan(0)
        for (const { line, column, message } of result.errors) {
          expect(line).toBeGreaterThanOrEqual(1)
          expect(line).toBeLessThanOrEqual(source.split(/\r\n|\n|\r/).length + 1)
          expect(column).toBeGreaterThanOrEqual(1)
          expect(message).not.toBe('')
        }
      }),
      { numRuns: 300 },
    )
  })
})
