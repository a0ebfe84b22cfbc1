import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HeadSha, LegKey } from '../../src/contract/ids.ts'
import { createRedactor } from '../../src/contract/redact.ts'
import { type Annotation, CHECK_TEXT_MAX, findOwnCheck, type OwnCheck, putCheck } from '../../src/github/checks.ts'
import { observeChecks } from '../../src/github/observe-checks.ts'
import type { CheckSeen } from '../../src/pipeline/events.ts'
import { API, type Connected, connect, REPOSITORY, register } from './connect.ts'

let on: Connected
beforeAll(async () => {
  on = await connect()
})
afterAll(() => on.stop())

let count = 0
async function pushed(files: Record<string, string> = {}) {
  count += 1
  const branch = `switchyard/c${count}`
  const sha = await on.local.as('wes').push(API, branch, { [`c-${count}.txt`]: 'c', ...files }, 'change')
  return { workBranch: branch, baseBranch: 'main', head: HeadSha.parse(sha), leg: LegKey.parse('acme__api') }
}
const put = (check: OwnCheck) => putCheck(on.octokit, REPOSITORY, on.app.appId, check)
const wrote = async (work: () => Promise<unknown>) => (await on.github.writes.during(work)).writes.total
const ours = (head: string) =>
  on.local
    .inspect()
    .checks(API, head, 'all')
    .filter((run) => run.suite.app.id === on.app.appId)

function check(head: HeadSha, more: Partial<OwnCheck> = {}): OwnCheck {
  const state = { status: 'in_progress' } as const
  return { name: 'switchyard / code', head, externalId: 'r1-code', state, title: 'Coding', summary: 'At work', ...more }
}
const annotation = (line: number): Annotation => ({
  path: 'a.js',
  startLine: line,
  endLine: line,
  level: 'warning',
  message: `line ${line}`,
})

describe('own check runs', () => {
  it('are created once per name, external id and head, and updated in place', async () => {
    const { head } = await pushed()
    expect(await wrote(() => put(check(head)))).toBe(1)
    expect(await wrote(() => put(check(head)))).toBe(0)
    const done = check(head, { state: { status: 'completed', conclusion: 'success' }, title: 'Done', summary: 'All well' })
    expect(await wrote(() => put(done))).toBe(1)
    expect(await wrote(() => put(done))).toBe(0)
    const [run, ...others] = ours(head)
    expect(others).toEqual([])
    expect(run).toMatchObject({ conclusion: 'success', externalId: 'r1-code', output: { title: 'Done', summary: 'All well' } })
    const next = await pushed()
    await put(check(next.head))
    expect(ours(next.head)).toHaveLength(1)
  })

  it.each([false, true])('are created once, though the answer got lost (connection cut: %s)', async (hangUp) => {
    const { head } = await pushed()
    on.local.faults.failNext(
      { method: 'POST', route: '/repos/{owner}/{repo}/check-runs' },
      { status: 502, afterEffect: true, hangUp },
    )
    await expect(put(check(head))).rejects.toMatchObject({ failure: { cause: 'api' } })
    await put(check(head))
    expect(ours(head)).toHaveLength(1)
  })

  it('are not those of another App with the same name', async () => {
    const { head } = await pushed()
    const same = { name: 'switchyard / code', head_sha: head, external_id: 'r1-code' }
    await on.other.octokit.rest.checks.create({ ...REPOSITORY, ...same })
    expect(await findOwnCheck(on.octokit, REPOSITORY, on.app.appId, check(head))).toBeNull()
  })

  it('carry any number of annotations, each once, and text up to the limit', async () => {
    const { head } = await pushed()
    const annotations = Array.from({ length: 120 }, (_, index) => annotation(index + 1))
    const wanted = check(head, { annotations, summary: 'x'.repeat(CHECK_TEXT_MAX + 10), text: 'y'.repeat(70_000) })
    expect(await wrote(() => put(wanted))).toBe(3)
    expect(await wrote(() => put(wanted))).toBe(0)
    const [run] = ours(head)
    expect(run?.output.annotations.map((each) => each.start_line)).toEqual(annotations.map((each) => each.startLine))
    expect(run?.output.summary).toHaveLength(CHECK_TEXT_MAX)
    expect(run?.output.summary?.endsWith('(cut: GitHub shows no more here)')).toBe(true)
    expect(run?.output.text).toHaveLength(CHECK_TEXT_MAX)
  })

  it('go on where sending annotations was cut off', async () => {
    const { head } = await pushed()
    const wanted = check(head, { annotations: Array.from({ length: 120 }, (_, index) => annotation(index + 1)) })
    on.local.faults.failNext({ method: 'PATCH', route: '/repos/{owner}/{repo}/check-runs/{check_run_id}' }, { status: 403 })
    await expect(put(wanted)).rejects.toMatchObject({ failure: { cause: 'permission' } })
    await put(wanted)
    expect(ours(head)[0]?.output.annotations.map((each) => each.start_line)).toEqual(
      wanted.annotations?.map((each) => each.startLine),
    )
  })
})

describe('[GATE-2] observing the checks of a head', () => {
  const redactor = createRedactor(['a registered secret'])
  const observe = (at: Awaited<ReturnType<typeof pushed>>) =>
    observeChecks(on.octokit, REPOSITORY, at, { appId: on.app.appId, redactor })
  const report = (
    head: string,
    name: string,
    conclusion: 'success' | 'neutral' | 'failure' | 'cancelled' | null,
    more: object = {},
  ) =>
    on.other.octokit.request('POST /repos/{owner}/{repo}/check-runs', {
      ...REPOSITORY,
      name,
      head_sha: head,
      ...(conclusion === null ? { status: 'in_progress' } : { status: 'completed', conclusion }),
      ...more,
    })
  const seen = (checks: CheckSeen[]) => Object.fromEntries(checks.map((each) => [each.name, each.conclusion]))

  it('gives check runs and statuses of exactly this head, without our own', async () => {
    const [at, elsewhere] = [await pushed(), await pushed()]
    await put(check(at.head))
    await report(at.head, 'unit', 'success')
    await report(at.head, 'lint', 'neutral')
    await report(at.head, 'slow', null)
    await report(elsewhere.head, 'unit', 'failure')
    const status = (context: string, state: 'success' | 'failure' | 'pending' | 'error') =>
      on.other.octokit.rest.repos.createCommitStatus({ ...REPOSITORY, sha: at.head, context, state })
    await status('deploy', 'pending')
    await status('deploy', 'success')
    await status('scan', 'error')
    const { checks, unknown } = await observe(at)
    expect(seen(checks.checks)).toEqual({
      unit: 'success',
      lint: 'neutral',
      slow: 'pending',
      deploy: 'success',
      scan: 'failure',
    })
    expect(checks).toMatchObject({ leg: at.leg, head: at.head, required: [], expectsChecks: false })
    expect(unknown).toEqual([])
  })

  it('gives the newest of each name, in both directions', async () => {
    const at = await pushed()
    const times = { started_at: '2026-01-01T00:00:00Z' }
    await report(at.head, 'fixed', 'failure', times)
    await report(at.head, 'fixed', 'success', { started_at: '2026-01-01T00:01:00Z' })
    await report(at.head, 'broken', 'success', times)
    await report(at.head, 'broken', 'cancelled', { started_at: '2026-01-01T00:01:00Z' })
    expect(seen((await observe(at)).checks.checks)).toEqual({ fixed: 'success', broken: 'cancelled' })
  })

  it('reads all pages of both', async () => {
    const at = await pushed()
    await report(at.head, 'check-000', 'success')
    await on.other.octokit.rest.repos.createCommitStatus({
      ...REPOSITORY,
      sha: at.head,
      context: 'status-000',
      state: 'success',
    })
    const { checkRuns, statuses } = on.local.inspect().repository(API)
    const [run] = on.local.inspect().checks(API, at.head)
    const [status] = on.local.inspect().statuses(API, at.head)
    if (run === undefined || status === undefined) throw new Error('nothing was reported')
    // A hundred more of each, put in directly: so many requests would take half a minute.
    for (let index = 1; index <= 100; index += 1) {
      const number = String(index).padStart(3, '0')
      const id = 1_000_000 + index
      checkRuns.set(id, { ...run, id, name: `check-${number}`, conclusion: index === 100 ? 'failure' : 'success' })
      statuses.push({ ...status, id, context: `status-${number}`, state: index === 100 ? 'failure' : 'success' })
    }
    const { checks } = (await observe(at)).checks
    expect(checks).toHaveLength(202)
    expect(checks.filter((each) => each.conclusion === 'failure').map((each) => each.name)).toEqual(['check-100', 'status-100'])
  })

  it('says what is required, and whether a workflow would run', async () => {
    const workflow = '.github/workflows/ci.yml'
    const at = await pushed({ [workflow]: 'on: [push]\njobs: {}\n', '.github/workflows/broken.yaml': 'on: [push' })
    on.local.inspect().protect(API, 'main', { requiredChecks: ['unit', 'lint'] })
    const { checks, unknown } = await observe(at)
    on.local.inspect().protect(API, 'main', null)
    expect(checks).toMatchObject({ checks: [], required: ['unit', 'lint'], expectsChecks: true })
    expect(unknown).toEqual(['.github/workflows/broken.yaml'])
    const other = await pushed({ [workflow]: 'on:\n  push:\n    branches: [main]\n' })
    expect((await observe(other)).checks.expectsChecks).toBe(false)
  })

  it('says what rulesets require, beside what the branch protection does', async () => {
    const at = await pushed()
    on.local.inspect().protect(API, 'main', { requiredChecks: ['unit', 'lint'] })
    on.local.inspect().requireByRuleset(API, 'main', ['lint', 'scan'])
    const { checks } = await observe(at)
    on.local.inspect().protect(API, 'main', null)
    const alone = await observe(at)
    on.local.inspect().requireByRuleset(API, 'main', [])
    expect(checks.required).toEqual(['unit', 'lint', 'scan'])
    expect(alone.checks.required).toEqual(['lint', 'scan'])
    expect((await observe(at)).checks.required).toEqual([])
  })

  it('says what it may not read instead of failing', async () => {
    const at = await pushed()
    on.local.faults.failNext({ route: '/repos/{owner}/{repo}/branches/{branch}' }, { status: 403 })
    on.local.faults.failNext({ route: '/repos/{owner}/{repo}/rules/branches/{branch}' }, { status: 404 })
    const { checks, unknown } = await observe(at)
    expect(checks.required).toEqual([])
    expect(unknown).toEqual(['branch protection of main of acme/api', 'rulesets of main of acme/api'])
  })

  it('is an error where the checks themselves may not be read: unknown is not green', async () => {
    const at = await pushed()
    on.local.faults.failNext({ route: '/repos/{owner}/{repo}/commits/{ref}/check-runs' }, { status: 403 })
    await expect(observe(at)).rejects.toMatchObject({ failure: { cause: 'permission' } })
    const { octokit, github } = await register(on.local, 'Blind', { contents: 'read', issues: 'write' })
    const blind = observeChecks(octokit, REPOSITORY, at, { appId: 1, redactor })
    await expect(blind).rejects.toMatchObject({ failure: { cause: 'permission' } })
    await github.close()
  })

  it('is an error where GitHub wants to be asked later for the evidence: a fixer without it would be sent for nothing', async () => {
    const at = await pushed()
    const annotations = [{ path: 'a', start_line: 1, end_line: 1, annotation_level: 'failure' as const, message: 'here' }]
    await report(at.head, 'unit', 'failure', { output: { title: 't', summary: 's', annotations } })
    const route = '/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations'
    // Over at once: nobody is kept from asking.
    on.local.faults.failNext({ route }, { status: 429, headers: { 'retry-after': '0' } })
    await expect(observe(at)).rejects.toMatchObject({ failure: { cause: 'rate-limit' } })
    on.local.faults.failNext({ route }, { status: 403 })
    const { checks } = (await observe(at)).checks
    expect(checks).toMatchObject([{ name: 'unit', annotations: [] }])
  })

  it('gives the evidence of failing checks, redacted', async () => {
    const at = await pushed()
    const token = `ghs_${'a1B2'.repeat(10)}`
    const output = {
      title: `failed with ${token}`,
      summary: 'a registered secret',
      text: `log of ${token}\nlast line`,
      annotations: [
        {
          path: 'src/sum.js',
          start_line: 3,
          end_line: 3,
          annotation_level: 'failure',
          message: `expected ${token}`,
          title: 'Sum',
        },
      ],
    }
    await report(at.head, 'unit', 'failure', { output })
    await report(at.head, 'fine', 'success', { output: { ...output, title: 'fine' } })
    const { checks } = (await observe(at)).checks
    expect(JSON.stringify(checks)).not.toContain('a1B2a1B2')
    const unit = checks.find((each) => each.name === 'unit')
    expect(unit).toMatchObject({ title: 'failed with [redacted]', summary: '[redacted]', log: 'log of [redacted]\nlast line' })
    expect(unit?.annotations).toEqual([{ path: 'src/sum.js', line: 3, message: 'Sum: expected [redacted]' }])
    expect(checks.find((each) => each.name === 'fine')).toMatchObject({ annotations: [], log: null })
  })
})

describe('what is red on the base branch too', () => {
  const redactor = createRedactor()
  const observe = (at: Awaited<ReturnType<typeof pushed>>) =>
    observeChecks(on.octokit, REPOSITORY, at, { appId: on.app.appId, redactor })
  const fail = (head: string, name: string, conclusion: 'failure' | 'success' = 'failure') =>
    on.other.octokit.rest.checks.create({ ...REPOSITORY, name, head_sha: head, status: 'completed', conclusion })
  const status = (sha: string, context: string, state: 'failure' | 'success') =>
    on.other.octokit.rest.repos.createCommitStatus({ ...REPOSITORY, sha, context, state })
  const base = async () => (await on.local.inspect().branches(API)).main ?? ''
  const asked = async (work: () => Promise<unknown>) => {
    const before = on.local.inspect().requests().length
    await work()
    return on.local.inspect().requests().slice(before)
  }

  it('is named: check runs and statuses that fail on its newest commit', async () => {
    const at = await pushed()
    await fail(await base(), 'old')
    await on.local.as('wes').push(API, 'main', { 'newer.txt': 'n' }, 'Newer')
    const tip = await base()
    await fail(tip, 'unit')
    await fail(tip, 'flaky')
    await fail(tip, 'flaky', 'success')
    await fail(tip, 'only there')
    await status(tip, 'scan', 'failure')
    for (const name of ['old', 'unit', 'flaky']) await fail(at.head, name)
    await status(at.head, 'scan', 'failure')
    const { checks, unknown } = await observe(at)
    expect(checks.redOnBase).toEqual(['unit', 'scan'])
    expect(unknown).toEqual([])
  })

  it('is looked for only where something fails', async () => {
    const at = await pushed()
    await fail(at.head, 'unit', 'success')
    const tip = await base()
    const onBase = (path: string) => path.includes(tip) || path.includes('git/ref/heads')
    expect((await asked(() => observe(at))).filter(({ path }) => onBase(path))).toEqual([])
    await fail(at.head, 'lint')
    expect((await asked(() => observe(at))).filter(({ path }) => onBase(path)).length).toBe(3)
  })

  it('is said to be unknown where it cannot be read', async () => {
    const at = await pushed()
    await fail(at.head, 'unit')
    on.local.faults.failNext({ route: '/repos/{owner}/{repo}/git/ref/{ref}' }, { status: 403 })
    const { checks, unknown } = await observe(at)
    expect([checks.redOnBase, unknown]).toEqual([[], ['checks of main of acme/api']])
  })
})

describe('logs of a CI that really ran', () => {
  it('are the end of what the job printed', async () => {
    const running = await connect({ ci: true })
    const test =
      "import test from 'node:test'\ntest('sums', () => { for (let n = 0; n < 300; n++) console.log('line', n); console.log('\\u001b[31mghp_' + 'Zz9'.repeat(4) + '\\u001b[1m' + 'Zz9'.repeat(8)); throw new Error('one is not two') })\n"
    running.local
      .inspect()
      .repository(API)
      .ci.push({ name: 'test', command: ['node', '--test'] })
    const sha = await running.local.as('wes').push(API, 'switchyard/red', { 'a.test.mjs': test }, 'red')
    await running.local.idle()
    const { checks } = await observeChecks(
      running.octokit,
      REPOSITORY,
      { leg: LegKey.parse('acme__api'), head: HeadSha.parse(sha), workBranch: 'switchyard/red', baseBranch: 'main' },
      { appId: running.app.appId, redactor: createRedactor() },
    )
    await running.stop()
    const [failed] = checks.checks
    expect(failed).toMatchObject({ name: 'test', source: 'check-run', conclusion: 'failure' })
    expect(failed?.log).toContain('one is not two')
    expect(failed?.log).toContain('[redacted]')
    expect(failed?.log).not.toContain('Zz9')
    expect(failed?.log).not.toContain('\u001b')
    expect(failed?.log?.split('\n')).toHaveLength(200)
    expect(failed?.summary).not.toContain('Zz9Zz9')
  })
})
