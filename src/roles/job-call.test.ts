import { expect, test } from 'vitest'
import { callBranch, isCallBranch } from './job-call.ts'

test('[WF-4] a branch of a call is known beside its work branch, and no branch that only begins like one', () => {
  const own = callBranch('team/fix', { journal: 1, index: 12, identity: '0123456789abcdef', prompt: null })
  expect(own).toBe('team/fix-w1-12-012345')
  expect(isCallBranch('team/fix', own)).toBe(true)
  for (const other of ['team/fix', 'team/fix-work', 'team/fix-w1-12-01234', `${own}-more`, `other/${own}`])
    expect(isCallBranch('team/fix', other)).toBe(false)
})
