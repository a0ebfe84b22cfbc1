import { expect, test } from 'vitest'
import { repository } from '../repositories.ts'
import { APPROVES, call, change, done, plan } from '../script.ts'
import { useSwitchyard } from '../use-switchyard.ts'
import { estimates, pullOf, tallied, tally } from './answers.ts'

const yard = useSwitchyard({
  // By default a person merges; the pipeline says otherwise for itself.
  repositories: [repository('solo', { protectedPaths: ['billing/**'], merge: { policy: { maxLines: 20 } } })],
  script: (signals) => ({
    calls: [
      call('estimator', 'Risky', [estimates(0.2, 0.9, 0.2)]),
      call('estimator', 'Unreadable estimate', [done('Easy.', { estimate: { complexity: { value: 0.1, why: 'Short.' } } })]),
      { when: { role: 'estimator', resumed: true }, actions: [done('Easy.', { estimate: {} })] },
      call('planner', 'Risky rates', [
        plan(['acme/solo'], { files: [{ repository: 'acme/solo', path: 'billing/rate.txt', change: 'raise it' }] }),
      ]),
      call('planner', '', [tally(signals, 'plans'), plan(['acme/solo'])]),
      call('coder', 'Small', [...change('small.md', 'small\n'), done()]),
      call('coder', 'Risky', [...change('risky.txt', 'risky\n'), done()]),
      call('coder', 'Billing', [...change('billing/rate.txt', '7\n'), done()]),
      call('coder', 'Long', [...change('long.md', 'line\n'.repeat(21)), done()]),
      APPROVES,
    ],
  }),
})

test('[STP-19] [STP-3] [CS-7] unattended: a small change is planned by nobody, asked of nobody, and merged by policy', async () => {
  const task = yard().task({ title: 'Small', label: 'switchyard:unattended' })
  const text = await task.until('merged')
  expect(await tallied(yard(), 'plans')).toBe(0)
  expect(text).toContain('the estimate is under its thresholds')
  expect(task.replies()).toEqual([])
  await yard().waitFor(() => task.issue().state === 'closed', 'the issue closed')
  expect((await pullOf(yard().waitFor, task)).pull.merged).not.toBeNull()
})

test('[STP-19] [STP-3] [CS-7] unattended: what is risky is planned first, and a person merges it', async () => {
  const task = yard().task({ title: 'Risky', label: 'switchyard:unattended' })
  const text = await task.until('needs you')
  expect(await tallied(yard(), 'plans')).toBe(1)
  expect(text).toContain('risk')
  expect((await pullOf(yard().waitFor, task)).pull.merged).toBeNull()
  task.comment('mona', '/yard merge')
  await task.until('merged')
})

test('[CS-7] unattended: a change that touches a protected path is not pushed, and once approved not merged, without a person', async () => {
  const task = yard().task({ title: 'Billing', label: 'switchyard:unattended' })
  const asked = await task.until('needs you')
  expect(asked).toContain('billing/rate.txt')
  expect(task.pulls('acme/solo')).toEqual([])
  task.comment('mona', `/yard approve ${/approve ([0-9a-f]{7})/.exec(asked)?.[1]}`)
  const text = await yard().waitFor(() => {
    const body = task.statusComment()?.body ?? ''
    return body.includes('/yard merge') && body
  }, 'the word to merge')
  expect(text).toContain('billing/rate.txt')
  expect((await pullOf(yard().waitFor, task)).pull.merged).toBeNull()
})

test('[CS-7] unattended: a change that has more lines than the policy allows waits for a person, whatever the estimate says', async () => {
  const task = yard().task({ title: 'Long', label: 'switchyard:unattended' })
  expect(await task.until('needs you')).toContain('21')
  expect((await pullOf(yard().waitFor, task)).pull.merged).toBeNull()
})

test('[STP-2] unattended: a plan that touches a protected path is refused before any code is paid for', async () => {
  const task = yard().task({ title: 'Risky rates', label: 'switchyard:unattended' })
  expect(await task.until('failed')).toContain('billing/rate.txt is protected, and no person approves this plan')
  expect(task.pulls('acme/solo')).toEqual([])
})

test('[STP-3] an estimate that lacks an axis is asked for again once; it is never taken for a low one', async () => {
  const task = yard().task({ title: 'Unreadable estimate', label: 'switchyard:unattended' })
  expect(await task.until('failed')).toContain('The agent left no usable report')
})
