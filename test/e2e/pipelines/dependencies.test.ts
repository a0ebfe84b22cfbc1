import { expect, test } from 'vitest'
import { repository } from '../repositories.ts'
import { call, change, done } from '../script.ts'
import { useSwitchyard } from '../use-switchyard.ts'
import { rates } from './answers.ts'

const LOCK = 'package-lock.json'

const yard = useSwitchyard({
  repositories: [repository('solo', null, { files: { 'package.json': '{ "dependencies": {} }\n' } })],
  script: {
    calls: [
      // It was told what to do, though the issue does not say it.
      call(
        'coder',
        ['Weekly', 'Bring the dependencies', 'The lock file is stale'],
        [...change(LOCK, '{ "fresh": true }\n'), done('The lock file follows now.')],
      ),
      call('coder', ['Weekly', 'Bring the dependencies'], [...change(LOCK, '{}\n'), done()]),
      call('reviewer', 'The lock file follows now.', [rates(0.9)]),
      call('reviewer', 'Weekly', [rates(0.9, 'The lock file is stale')]),
    ],
  },
})

test('[STP-19] [STP-7] dependencies: told what to do, sent back for a remark however good its rating, merged by policy', async () => {
  const task = yard().task({ title: 'Weekly', label: 'switchyard:dependencies' })
  await task.until('merged')
  const { inspect } = yard().github
  const [merged] = inspect().pulls('acme/solo')
  expect(merged?.pull.merged?.by.login).toBe(yard().world.app.botLogin)
  expect(task.replies()).toEqual([])
})
