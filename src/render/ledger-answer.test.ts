import { expect, test } from 'vitest'
import { aRun } from '../../test/support/core/build.ts'
import { type LedgerRow, ledgerAnswer } from './ledger-answer.ts'

const row = (change: Partial<LedgerRow> = {}): LedgerRow => ({
  step: 'code',
  role: 'coder',
  model: 'claude-sonnet-4-5',
  calls: 2,
  open: 0,
  unmetered: 0,
  estimated: 0,
  usage: { inputTokens: 1_000, outputTokens: 200, cacheReadTokens: 30, cacheWriteTokens: 4 },
  costUsd: 1.5,
  ...change,
})
const budgeted = aRun({ settings: { budgets: { run: 5 } } })

test('[SPD-1] the whole, what is left of the budget with what people added, and a row by step, role and model', () => {
  const added = { ...budgeted, budget: { addedUsd: 2, near: null, reached: null } }
  const rows = [row(), row({ step: 'review', role: 'reviewer', calls: 1, open: 1, usage: {}, costUsd: 0.25 })]
  expect(ledgerAnswer(rows, added)).toBe(
    [
      'So far **$1.75** and **1,234 tokens**, in 3 calls of models. The run may spend $7.00; $5.25 is left.',
      '',
      '| Step | Role | Model | Calls | Tokens | Cost |',
      '|---|---|---|---:|---:|---:|',
      '| code | coder | claude-sonnet-4-5 | 2 | 1,234 | $1.50 |',
      '| review | reviewer | claude-sonnet-4-5 | 1, 1 under way | 0 | $0.25 |',
    ].join('\n'),
  )
})

test('[SPD-1] what is not metered is said to be so, and never shown as nothing', () => {
  const unmetered = row({ model: 'mystery', calls: 1, unmetered: 1, costUsd: null })
  const alone = ledgerAnswer([unmetered], aRun())
  expect(alone).toContain('So far **not metered** and **1,234 tokens**, in 1 call of models.\n')
  expect(alone).toContain('| not metered |')
  expect(alone).toContain('1 call went to a model without a known price and counted for no budget.')
  expect(ledgerAnswer([row(), unmetered], aRun())).toContain('So far **at least $1.50**')
  expect(ledgerAnswer([row({ open: 2, costUsd: null })], aRun())).toContain('So far **not told yet**')
})

test('[SPD-3] an estimate is said to be one, and more than the budget leaves nothing', () => {
  const answer = ledgerAnswer([row({ costUsd: 6, estimated: 1 })], budgeted)
  expect(answer).toContain('The run may spend $5.00; $0.00 is left.')
  expect(answer).toContain('1 call ended without the vendor’s last word; the cost is the most that it can have been.')
})

test('a name that somebody made up breaks no table', () => {
  expect(ledgerAnswer([row({ model: 'a|b\n| c' })], aRun()).split('\n')).toHaveLength(5)
})
