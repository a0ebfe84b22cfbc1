import { afterAll, beforeAll, expect, test } from 'vitest'
import { AT, type Fixture, startFixture } from './fixture.ts'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture({ ci: true, repository: { ci: [{ name: 'test', command: ['false'] }] } })
})

afterAll(() => fixture.stop())

const SHOP = 'acme/shop'
let count = 0
async function pushed(): Promise<{ branch: string; sha: string }> {
  count += 1
  const branch = `work-${count}`
  const sha = await fixture.github.as('ana').push(SHOP, branch, { [`${count}.txt`]: 'x' }, 'Work')
  await fixture.github.idle()
  return { branch, sha }
}

async function deploy(ref: string, more: Record<string, unknown> = {}): Promise<number> {
  const asked = { ...AT, ref, auto_merge: false, required_contexts: [], ...more }
  const { data } = await fixture.octokit.rest.repos.createDeployment(asked)
  if (!('id' in data)) throw new Error('no deployment was made')
  return data.id
}

const succeed = (deployment_id: number, more: object = {}) =>
  fixture.octokit.rest.repos.createDeploymentStatus({ ...AT, deployment_id, state: 'success', ...more })
const standing = (sha: string) =>
  fixture.github
    .inspect()
    .deployments(SHOP, sha)
    .map(({ statuses }) => statuses.at(-1)?.state)

test('a deployment is of the commit that its ref stands for at that moment, and is found by any of its marks', async () => {
  const { branch, sha } = await pushed()
  const id = await deploy(branch, { environment: 'preview', payload: { run: 'r1' } })
  await deploy(sha, { environment: 'staging', task: 'migrate' })
  await fixture.github.as('ana').push(SHOP, branch, { 'more.txt': 'x' }, 'More')
  const list = async (query: object) =>
    (await fixture.octokit.rest.repos.listDeployments({ ...AT, ...query })).data.map(({ environment }) => environment)
  expect(await list({ sha })).toEqual(['staging', 'preview'])
  expect(await list({ ref: branch })).toEqual(['preview'])
  expect(await list({ sha, environment: 'staging' })).toEqual(['staging'])
  expect(await list({ sha, task: 'deploy' })).toEqual(['preview'])
  const { data } = await fixture.octokit.rest.repos.getDeployment({ ...AT, deployment_id: id })
  expect(data).toMatchObject({ sha, ref: branch, payload: { run: 'r1' }, creator: { login: 'yard-test[bot]' } })
})

test('whoever subscribed hears of a deployment and of each word on how it goes', async () => {
  const { sha } = await pushed()
  const id = await deploy(sha, { environment: 'preview' })
  await succeed(id, { environment_url: 'https://preview.example.com' })
  await fixture.github.idle()
  const heard = fixture.recorder.received.filter(({ event, payload }) => {
    const { deployment } = payload as { deployment?: { id: number } }
    return event.startsWith('deployment') && deployment?.id === id
  })
  expect(heard.map(({ event, action }) => `${event}.${action}`)).toEqual(['deployment.created', 'deployment_status.created'])
  expect(heard[1]?.payload).toMatchObject({ deployment_status: { environment_url: 'https://preview.example.com' } })
  expect(fixture.github.inspect().violations()).toEqual([])
})

test('a success makes earlier ones of its environment inactive, but for production and unless told not to', async () => {
  const { sha } = await pushed()
  for (const environment of ['preview', 'production', 'preview', 'production'])
    await succeed(await deploy(sha, { environment }))
  expect(standing(sha)).toEqual(['inactive', 'success', 'success', 'success'])
  await succeed(await deploy(sha, { environment: 'preview' }), { auto_inactive: false })
  expect(standing(sha)).toEqual(['inactive', 'success', 'success', 'success', 'success'])
})

test('a deployment is refused while checks of its commit have not passed, unless it asks for none', async () => {
  const { sha } = await pushed()
  await expect(deploy(sha, { required_contexts: undefined })).rejects.toMatchObject({ status: 409 })
  await expect(deploy(sha, { required_contexts: ['never'] })).rejects.toMatchObject({ status: 409 })
  await expect(deploy('nowhere')).rejects.toMatchObject({ status: 422 })
  await deploy(sha)
  expect(standing(sha)).toEqual([undefined])
})

test('without the permission nothing of deployments is read or written, and nothing runs again', async () => {
  const poor = await startFixture({
    ci: true,
    permissions: { contents: 'read', checks: 'write', actions: 'read' },
    repository: { ci: [{ name: 'test', command: ['false'] }] },
  })
  const { rest } = poor.octokit
  const head = await poor.github.as('ana').push(SHOP, 'poor', { 'p.txt': 'p' }, 'Poor')
  await poor.github.idle()
  const [check] = poor.github.inspect().checks(SHOP, head)
  const job_id = check?.id ?? 0
  const refused = [
    rest.repos.listDeployments(AT),
    rest.repos.createDeployment({ ...AT, ref: head }),
    rest.actions.reRunJobForWorkflowRun({ ...AT, job_id }),
  ]
  const answers = await Promise.allSettled(refused)
  for (const answer of answers) expect(answer).toMatchObject({ status: 'rejected', reason: { status: 403 } })
  const { data } = await rest.actions.getJobForWorkflowRun({ ...AT, job_id })
  await expect(rest.actions.reRunWorkflowFailedJobs({ ...AT, run_id: data.run_id })).rejects.toMatchObject({ status: 403 })
  expect(poor.github.inspect().checks(SHOP, head, 'all')).toHaveLength(1)
  await poor.stop()
})

test('a check that a ruleset requires blocks the merge until it has passed', async () => {
  const { github, octokit } = fixture
  const { branch, sha } = await pushed()
  const { data: pull } = await octokit.rest.pulls.create({ ...AT, title: 'Work', head: branch, base: 'main' })
  const pull_number = pull.number
  const state = async () => {
    await octokit.rest.pulls.get({ ...AT, pull_number })
    await github.idle()
    return (await octokit.rest.pulls.get({ ...AT, pull_number })).data.mergeable_state
  }
  expect(await state()).toBe('unstable')
  github.inspect().requireByRuleset(SHOP, 'main', ['scan'])
  expect(await state()).toBe('blocked')
  await expect(octokit.rest.pulls.merge({ ...AT, pull_number })).rejects.toMatchObject({ status: 405 })
  await octokit.rest.checks.create({ ...AT, name: 'scan', head_sha: sha, conclusion: 'success' })
  expect(await state()).toBe('unstable')
  const { data: rules } = await octokit.rest.repos.getBranchRules({ ...AT, branch: 'main' })
  expect(rules).toMatchObject([
    { type: 'required_status_checks', parameters: { required_status_checks: [{ context: 'scan' }] } },
  ])
  github.inspect().requireByRuleset(SHOP, 'main', [])
  expect((await octokit.rest.repos.getBranchRules({ ...AT, branch: 'main' })).data).toEqual([])
})
