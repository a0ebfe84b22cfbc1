import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sha } from '../../test/support/core/build.ts'
import { type PolicyQuestion, policyReasons } from './merge-policy.ts'
import { type ChangeClass, MergePolicy } from './run-settings.ts'

const HEAD = sha('head')
const CLASSES: readonly ChangeClass[] = ['docs', 'test', 'dependency', 'config', 'source', 'schema']
const policy = MergePolicy.parse({})
const axis = (value: number, why = 'because') => ({ value, why })
const estimate = { complexity: axis(0.5), risk: axis(0.4), impact: axis(0.5) }
const changes = { head: HEAD, files: 50, lines: 1_500, classes: ['source' as const], protectedPaths: [] }
const leg = { repository: 'acme/web', head: HEAD, changes }
const fine: PolicyQuestion = { policy, estimate, legs: [leg] }

describe('[CS-7] a merge without a person', () => {
  test('at the ceilings and the limits it is allowed', () => {
    expect(policyReasons(fine)).toEqual([])
  })

  test.each<[string, Partial<PolicyQuestion>]>([
    ['the configuration has no merge policy', { policy: undefined }],
    ['there is no assessment of the current commits', { estimate: null }],
    ['complexity 0.51 is over 0.5', { estimate: { ...estimate, complexity: axis(0.51) } }],
    ['risk 0.41 is over 0.4', { estimate: { ...estimate, risk: axis(0.41) } }],
    ['impact 1 is over 0.5', { estimate: { ...estimate, impact: axis(1) } }],
    ['risk NaN is over 0.4', { estimate: { ...estimate, risk: axis(Number.NaN) } }],
    ['the assessment gives no reason for its risk', { estimate: { ...estimate, risk: axis(0.1, ' ') } }],
    ['nothing is known of what changed', { legs: [] }],
    ['what the current commit of acme/web changes was not measured', { legs: [{ ...leg, changes: null }] }],
    ['what the current commit of acme/web changes was not measured', { legs: [{ ...leg, head: sha('pushed by hand') }] }],
    [
      'protected in acme/web: .github/a.yml',
      { legs: [{ ...leg, changes: { ...changes, protectedPaths: ['.github/a.yml'] } }] },
    ],
    [
      'changes of the class schema are left to a person',
      { legs: [{ ...leg, changes: { ...changes, classes: ['docs', 'schema'] } }] },
    ],
    ['51 files are more than 50', { legs: [{ ...leg, changes: { ...changes, files: 51 } }] }],
    ['1501 lines are more than 1500', { legs: [{ ...leg, changes: { ...changes, lines: 1_501 } }] }],
  ])('not so: %s', (reason, change) => {
    expect(policyReasons({ ...fine, ...change })).toEqual([reason])
  })

  test('sizes count over all repositories together', () => {
    const half = { ...leg, changes: { ...changes, files: 26, lines: 10 } }
    expect(policyReasons({ ...fine, legs: [half, { ...half, repository: 'acme/api' }] })).toEqual(['52 files are more than 50'])
  })

  const unit = fc.double({ min: 0, max: 1, noNaN: true })
  const anAxis = fc.record({ value: unit, why: fc.constantFrom('because', '', ' \n') })
  const head = fc.constantFrom(HEAD, sha('other'))
  const aLeg = fc.record<PolicyQuestion['legs'][number]>({
    repository: fc.constantFrom('acme/web', 'acme/api'),
    head: fc.option(head),
    changes: fc.option(
      fc.record({
        head,
        files: fc.nat(60),
        lines: fc.nat(2_000),
        classes: fc.subarray([...CLASSES]),
        protectedPaths: fc.subarray(['.github/a.yml', 'infra/x']),
      }),
    ),
  })
  const aPolicy = fc.record({
    complexity: unit,
    risk: unit,
    impact: unit,
    classes: fc.subarray([...CLASSES]),
    maxFiles: fc.integer({ min: 1, max: 60 }),
    maxLines: fc.integer({ min: 1, max: 2_000 }),
  })
  /** Mostly fine, so that every single condition is the one that is broken now and then. */
  const mostly = <T>(good: T, any: fc.Arbitrary<T>) => fc.oneof({ arbitrary: fc.constant(good), weight: 3 }, any)
  const aQuestion = fc.record<PolicyQuestion>({
    policy: fc.option(mostly(policy, aPolicy), { nil: undefined, freq: 8 }),
    estimate: fc.option(
      fc.record({
        complexity: mostly(axis(0), anAxis),
        risk: mostly(axis(0), anAxis),
        impact: mostly(axis(0), anAxis),
      }),
      { freq: 8 },
    ),
    legs: fc.array(mostly<PolicyQuestion['legs'][number]>({ ...leg, changes: { ...changes, files: 1, lines: 1 } }, aLeg), {
      maxLength: 3,
    }),
  })

  test('it is never allowed while any condition is broken, and always while none is', () => {
    let allowed = 0
    fc.assert(
      fc.property(aQuestion, (question) => {
        const { policy: rules, estimate: seen, legs } = question
        const all = (wanted: (each: NonNullable<(typeof legs)[number]['changes']>) => boolean) =>
          legs.every((each) => each.changes !== null && wanted(each.changes))
        const sum = (of: 'files' | 'lines') => legs.reduce((total, each) => total + (each.changes?.[of] ?? 0), 0)
        const holds =
          rules !== undefined &&
          seen !== null &&
          (['complexity', 'risk', 'impact'] as const).every(
            (name) => seen[name].value <= rules[name] && /\S/.test(seen[name].why),
          ) &&
          legs.length > 0 &&
          legs.every((each) => each.head !== null && each.changes?.head === each.head) &&
          all(({ protectedPaths }) => protectedPaths.length === 0) &&
          all(({ classes }) => classes.every((each) => rules.classes.includes(each))) &&
          sum('files') <= rules.maxFiles &&
          sum('lines') <= rules.maxLines
        expect(policyReasons(question).length === 0).toBe(holds)
        if (holds) allowed += 1
      }),
      { numRuns: 2_000, seed: 11 },
    )
    expect(allowed).toBeGreaterThan(50)
  })
})
