import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HeadSha } from '../../src/contract/ids.ts'
import { rerunChecks } from '../../src/github/rerun-checks.ts'
import { API, type Connected, connect, REPOSITORY, register } from './connect.ts'

let on: Connected
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'switchyard-rerun-'))
  on = await connect({ ci: true, validate: 'collect' })
  const { ci } = on.local.inspect().repository(API)
  for (const name of ['one', 'two']) ci.push({ name: `flaky ${name}`, command: failsFirst(name, 'true') })
  ci.push({ name: 'fine', command: ['true'] }, { name: 'broken', command: ['false'] })
})
afterAll(async () => {
  await on.stop()
  await rm(folder, { recursive: true })
})

/** Fails the first time that a commit is tested; from then on it does something else. */
function failsFirst(name: string, then: string): string[] {
  const memory = `"${folder}/${name}-$GITHUB_SHA"`
  return ['bash', '-c', `test -e ${memory} || { touch ${memory}; exit 1; }; ${then}`]
}

let count = 0
async function tested(): Promise<HeadSha> {
  count += 1
  const head = await on.local.as('wes').push(API, `switchyard/r${count}`, { 'n.txt': `${count}` }, 'change')
  await on.local.idle()
  return HeadSha.parse(head)
}
const rerun = (head: HeadSha, names: string[], octokit = on.octokit) => rerunChecks(octokit, REPOSITORY, { head, names })
const conclusions = (head: HeadSha) =>
  Object.fromEntries(
    on.local
      .inspect()
      .checks(API, head)
      .map(({ name, conclusion }) => [name, conclusion]),
  )
const runs = (head: HeadSha, name: string) =>
  on.local
    .inspect()
    .checks(API, head, 'all')
    .filter((run) => run.name === name)
const lastRerun = () =>
  on.local
    .inspect()
    .requests()
    .findLast(({ path }) => path.includes('rerun'))?.route

describe('running failing jobs again', () => {
  it('starts one job, whose new check run replaces the failed one', async () => {
    const head = await tested()
    expect(conclusions(head)).toEqual({ 'flaky one': 'failure', 'flaky two': 'failure', fine: 'success', broken: 'failure' })
    expect(await rerun(head, ['flaky one', 'fine'])).toEqual({ rerun: 1, refused: [] })
    await on.local.idle()
    expect(lastRerun()).toBe('/repos/{owner}/{repo}/actions/jobs/{job_id}/rerun')
    expect(conclusions(head)).toMatchObject({ 'flaky one': 'success', 'flaky two': 'failure' })
    expect([runs(head, 'flaky one').length, runs(head, 'fine').length]).toEqual([2, 1])
  })

  it('starts several of one workflow run together: one by one GitHub would refuse the second', async () => {
    const head = await tested()
    expect(await rerun(head, ['flaky one', 'flaky two'])).toEqual({ rerun: 2, refused: [] })
    await on.local.idle()
    expect(lastRerun()).toBe('/repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs')
    expect(conclusions(head)).toEqual({ 'flaky one': 'success', 'flaky two': 'success', fine: 'success', broken: 'failure' })
  })

  it('starts nothing twice, though the answer got lost', async () => {
    const gate = path.join(folder, 'gate')
    await promisify(execFile)('mkfifo', [gate])
    const { ci } = on.local.inspect().repository(API)
    ci.push({ name: 'slow', command: failsFirst('slow', `read -r line < "${gate}"`) })
    const head = await tested()
    ci.pop()
    const route = '/repos/{owner}/{repo}/actions/jobs/{job_id}/rerun'
    on.local.faults.failNext({ method: 'POST', route }, { status: 502, afterEffect: true })
    await expect(rerun(head, ['slow'])).rejects.toMatchObject({ failure: { cause: 'api' } })
    expect(await rerun(head, ['slow'])).toEqual({ rerun: 1, refused: [] })
    // It still runs: what is asked for besides is refused until it has ended.
    expect(await rerun(head, ['broken'])).toMatchObject({ rerun: 0, refused: [expect.stringContaining('403')] })
    await writeFile(gate, 'go\n')
    await on.local.idle()
    expect(runs(head, 'slow').map(({ conclusion }) => conclusion)).toEqual(['failure', 'success'])
  })

  it('says what cannot be run again, and why', async () => {
    const head = await tested()
    await on.other.octokit.rest.checks.create({ ...REPOSITORY, name: 'elsewhere', head_sha: head, conclusion: 'failure' })
    expect(await rerun(head, ['elsewhere', 'never'])).toEqual({
      rerun: 0,
      refused: ['elsewhere: only jobs of GitHub Actions can be run again'],
    })
    expect(on.local.inspect().violations()).toEqual([])
  })

  it('says so where the App may not write actions', async () => {
    const { octokit, github } = await register(on.local, 'Reader', { contents: 'read', checks: 'read', actions: 'read' })
    const head = await tested()
    const { rerun: count, refused } = await rerun(head, ['broken'], octokit)
    await github.close()
    expect([count, refused]).toEqual([0, [expect.stringMatching(/^broken: GitHub answered 403 /)]])
    expect(runs(head, 'broken')).toHaveLength(1)
  })
})
