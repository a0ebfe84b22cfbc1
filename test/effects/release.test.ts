import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askRelease } from '../../src/effects/ask-release.ts'
import { createProbe } from '../../src/effects/probe.ts'
import type { EffectOf } from '../../src/pipeline/effects.ts'
import type { Signal } from '../../src/pipeline/events.ts'
import type { Leg } from '../../src/pipeline/model.ts'
import { API, REPOSITORY } from '../github-client/connect.ts'
import { LEG, SECRET_WORD, type Stage, startStage } from './stage.ts'

let stage: Stage
let service: Server
let status = 200
beforeAll(async () => {
  stage = await startStage()
  service = createServer((_request, response) => response.writeHead(status).end('body'))
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await new Promise((resolve) => service.close(resolve))
  await stage.on.stop()
})

async function look(leg: Partial<Leg>, asked: Partial<EffectOf<'ask-release'>>, allowPrivate = true): Promise<Signal[]> {
  const ask = askRelease({ ...stage.dependencies, probe: createProbe({ allowPrivate }) })
  const nothing = { checks: [], environment: null, probe: null }
  const event = await ask({ kind: 'ask-release', id: 'e', legs: [LEG], ...nothing, ...asked }, stage.run(leg))
  return (event as { signals: Signal[] }).signals
}

const report = (sha: string, name: string, conclusion: 'success' | 'failure' | null) =>
  stage.on.other.octokit.request('POST /repos/{owner}/{repo}/check-runs', {
    ...REPOSITORY,
    name,
    head_sha: sha,
    ...(conclusion === null ? { status: 'in_progress' } : { conclusion }),
  })

describe('looking at a release', () => {
  it('tells how the merge commit was deployed to the environment', async () => {
    const leg = await stage.merge(await stage.pull())
    const wes = stage.on.local.as('wes')
    const deploy = (environment: string) => wes.deploy(API, { ref: leg.mergeSha, environment })
    const signal = { source: 'deployment', name: 'production of acme/api' }
    await deploy('staging')
    expect(await look(leg, { environment: 'production' })).toEqual([
      { ...signal, state: 'pending', detail: 'no deployment yet' },
    ])
    const first = await deploy('production')
    wes.setDeployment(API, first.id, { state: 'failure', description: `no room, ${SECRET_WORD}` })
    expect(await look(leg, { environment: 'production' })).toEqual([
      { ...signal, state: 'bad', detail: 'failure: no room, [redacted]' },
    ])
    const second = await deploy('production')
    wes.setDeployment(API, second.id, { state: 'success' })
    expect(await look(leg, { environment: 'production' })).toEqual([{ ...signal, state: 'good', detail: 'success' }])
    wes.setDeployment(API, second.id, { state: 'inactive' })
    expect(await look(leg, { environment: 'production' })).toMatchObject([{ state: 'pending', detail: 'inactive' }])
  })

  it('tells of the chosen checks on the merge commit, of nothing else', async () => {
    const open = await stage.pull()
    const leg = await stage.merge(open)
    await report(open.head, 'smoke', 'failure')
    await report(leg.mergeSha, 'other', 'failure')
    await report(leg.mergeSha, 'smoke', 'success')
    await report(leg.mergeSha, 'load', null)
    const status = { ...REPOSITORY, sha: leg.mergeSha, context: 'uptime', state: 'error' } as const
    await stage.on.other.octokit.rest.repos.createCommitStatus(status)
    const signals = await look(leg, { checks: ['smoke', 'load', 'uptime', 'never'] })
    expect(signals.map(({ source, name, state, detail }) => [source, name, state, detail])).toEqual([
      ['check', 'smoke of acme/api', 'good', 'success'],
      ['check', 'load of acme/api', 'pending', 'pending'],
      ['check', 'uptime of acme/api', 'bad', 'failure'],
      ['check', 'never of acme/api', 'pending', 'has not appeared yet'],
    ])
  })

  it('finds the merge commit where the run does not know it yet', async () => {
    const { mergeSha, ...leg } = await stage.merge(await stage.pull())
    await report(mergeSha, 'smoke', 'failure')
    const unknown = { ...leg, pull: leg.pull ? { ...leg.pull, mergeSha: null } : null }
    expect(await look(unknown, { checks: ['smoke'] })).toMatchObject([{ state: 'bad' }])
  })

  it('asks the probe once, and takes what it may not ask for no sign at all', async () => {
    const leg = await stage.merge(await stage.pull())
    const { port } = service.address() as AddressInfo
    const probe = `http://127.0.0.1:${port}/health`
    const name = `127.0.0.1:${port}`
    expect(await look(leg, { probe })).toEqual([{ source: 'probe', name, state: 'good', detail: 'answered 200' }])
    status = 503
    expect(await look(leg, { probe })).toEqual([{ source: 'probe', name, state: 'bad', detail: 'answered 503' }])
    const refused = 'not asked: 127.0.0.1 is not a public address'
    expect(await look(leg, { probe }, false)).toEqual([{ source: 'probe', name, state: 'pending', detail: refused }])
  })

  it('changes nothing on GitHub', async () => {
    const leg = await stage.merge(await stage.pull())
    const { writes } = await stage.on.github.writes.during(() => look(leg, { environment: 'production', checks: ['smoke'] }))
    expect(writes.total).toBe(0)
    expect(stage.on.local.inspect().violations()).toEqual([])
  })
})
