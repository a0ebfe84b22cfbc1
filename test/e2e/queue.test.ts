/** More runs than the limits allow wait their turn. */
import { expect, test } from 'vitest'
import { pipeline, repository } from './repositories.ts'
import { call, plan } from './script.ts'
import { useSwitchyard } from './use-switchyard.ts'
import { isRead } from './what-is-read.ts'

const yard = useSwitchyard({
  repositories: [
    repository('narrow', { pipelines: { ask: pipeline('plan', 'approval') }, limits: { runsPerRepository: 1 } }),
    repository('free', { pipelines: { ask: pipeline('plan', 'approval') } }),
  ],
  env: { LIMIT_REPOSITORY_RUNS: '1' },
  script: { calls: [call('planner', 'in free', [plan(['acme/free'])]), call('planner', '', [plan(['acme/narrow'])])] },
})

test('a second run of a repository waits with its place, and begins when the first ends; another repository does not wait', async () => {
  const { github, task: open } = yard()
  const open1 = (title: string, repository = 'acme/narrow') => open({ repository, title, label: 'switchyard:ask' })
  const first = open1('First')
  await first.until('needs you')
  const second = open1('Second')
  const third = open1('Third')
  const queued = await second.until('queued')
  await third.until('queued')
  await second.stateLabel('switchyard/queued')
  expect(queued).toContain('**Next in line**')
  expect(await third.status()).toContain('**Second in line**')
  isRead('The queue', 'A run waits', 'The repository has as many live runs as its limit allows.', queued)

  const elsewhere = open1('Elsewhere in free', 'acme/free')
  await elsewhere.until('needs you')
  expect(await second.until('queued')).toBeTruthy()

  first.comment('hubot', '/yard stop')
  await first.until('stopped')
  await second.until('needs you')
  expect(await third.until('queued')).toBeTruthy()
  await second.stateLabel('switchyard/needs-you')

  github.as('mona').closeIssue('acme/narrow', second.number)
  await third.until('needs you')
})

test('[RUN-7] a queued run can be stopped before it began', async () => {
  const first = yard().task({ repository: 'acme/free', title: 'Queued behind in free', label: 'switchyard:ask' })
  await first.until('queued')
  const comment = first.comment('hubot', '/yard stop')
  const text = await first.until('stopped')
  await first.reaction(comment, 'rocket')
  expect(text).toContain('Nothing was left behind.')
})
