import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askDeployments } from '../../src/effects/ask-deployments.ts'
import { createDeployments } from '../../src/effects/create-deployments.ts'
import { createDeployment } from '../../src/github/deployments.ts'
import type { DeploymentSeen } from '../../src/pipeline/events.ts'
import type { Run } from '../../src/pipeline/model.ts'
import { API, REPOSITORY } from '../github-client/connect.ts'
import { LEG, SECRET_WORD, type Stage, startStage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.on.stop())

const ENVIRONMENT = 'preview'

function reported(event: unknown): DeploymentSeen[] {
  return (event as { deployments: DeploymentSeen[] }).deployments
}

async function create(run: Run, id = `${run.id}-deploy-1`) {
  const head = run.legs[0]?.head
  if (!head) throw new Error('the leg has no head')
  const create = createDeployments(stage.dependencies)
  const legs = [{ leg: LEG, head }]
  return reported(await create({ kind: 'create-deployments', id, environment: ENVIRONMENT, legs }, run))
}

async function ask(run: Run, [seen]: DeploymentSeen[]) {
  if (seen === undefined) throw new Error('there is no deployment')
  const deployments = [{ leg: seen.leg, head: seen.head, id: seen.id }]
  const effect = { kind: 'ask-deployments', id: 'e', environment: ENVIRONMENT, deployments } as const
  return reported(await askDeployments(stage.dependencies)(effect, run))
}

const made = (head: string) => stage.on.local.inspect().deployments(API, head)
const say = (id: number | undefined, status: Parameters<ReturnType<typeof wes>['setDeployment']>[2]) =>
  wes().setDeployment(API, id ?? 0, status)
const wes = () => stage.on.local.as('wes')

describe('deployments', () => {
  it('are created for exactly the head, in the environment, and asked for until they are up', async () => {
    const { head, workBranch } = await stage.push()
    const run = stage.run({ head, workBranch })
    const seen = await create(run)
    expect(seen).toEqual([
      { leg: LEG, head, id: expect.any(Number), environment: ENVIRONMENT, state: 'pending', url: null, description: '' },
    ])
    expect(made(head)).toMatchObject([{ sha: head, ref: head, environment: ENVIRONMENT, task: 'deploy' }])

    say(seen[0]?.id, { state: 'in_progress' })
    expect(await ask(run, seen)).toMatchObject([{ state: 'pending' }])
    say(seen[0]?.id, { state: 'success', environmentUrl: 'https://pr-1.example.com', description: `up, ${SECRET_WORD}` })
    const url = 'https://pr-1.example.com/'
    expect(await ask(run, seen)).toMatchObject([{ state: 'success', url, description: 'up, [redacted]' }])
    say(seen[0]?.id, { state: 'error', environmentUrl: 'javascript:alert(1)' })
    expect(await ask(run, seen)).toMatchObject([{ state: 'failure', url: null }])
    expect(stage.on.local.inspect().violations()).toEqual([])
  })

  it.each([false, true])('are created once, though the answer got lost (connection cut: %s)', async (hangUp) => {
    const { head, workBranch } = await stage.push()
    const run = stage.run({ head, workBranch })
    const route = '/repos/{owner}/{repo}/deployments'
    stage.on.local.faults.failNext({ method: 'POST', route }, { status: 502, afterEffect: true, hangUp })
    await expect(create(run)).rejects.toMatchObject({ failure: { cause: 'api' } })
    await create(run)
    expect(made(head)).toHaveLength(1)
  })

  it('are found by a later attempt while they are under way or up, and made anew after a failure', async () => {
    const { head, workBranch } = await stage.push()
    const run = stage.run({ head, workBranch })
    const first = await create(run, 'attempt-1')
    expect(await create(run, 'attempt-2')).toEqual(first)
    say(first[0]?.id, { state: 'failure' })
    expect(await create(run, 'attempt-1')).toMatchObject([{ id: first[0]?.id, state: 'failure' }])
    const second = await create(run, 'attempt-3')
    expect(second[0]?.id).not.toBe(first[0]?.id)
    expect(made(head)).toHaveLength(2)
  })

  it('are not those of another run, nor of somebody who copied the mark', async () => {
    const { head, workBranch } = await stage.push()
    const run = stage.run({ head, workBranch })
    const payload = { switchyard: { run: run.id, effect: 'attempt-1' } }
    await wes().deploy(API, { ref: head, environment: ENVIRONMENT, payload })
    const other = stage.run({ head, workBranch }, { id: 'run2' })
    const [[ours], [theirs]] = [await create(run, 'attempt-1'), await create(other, 'attempt-1')]
    expect(new Set(made(head).map(({ id }) => id))).toHaveProperty('size', 3)
    expect(ours?.id).not.toBe(theirs?.id)
  })

  it('fail for good where the App may not deploy', async () => {
    const { head, workBranch } = await stage.push()
    const route = '/repos/{owner}/{repo}/deployments'
    stage.on.local.faults.failNext({ method: 'POST', route }, { status: 403 })
    await expect(create(stage.run({ head, workBranch }))).rejects.toMatchObject({ failure: { cause: 'permission' } })
  })

  it('are asked for although checks of the head have not passed: the pipeline has a step for those', async () => {
    const { head } = await stage.push()
    await stage.on.octokit.rest.checks.create({ ...REPOSITORY, name: 'unit', head_sha: head, conclusion: 'failure' })
    const wanted = { sha: head, environment: ENVIRONMENT, description: 'd', payload: {} }
    await createDeployment(stage.on.octokit, REPOSITORY, wanted)
    expect(made(head)).toHaveLength(1)
  })
})
