import { expect, test } from 'vitest'
import { isPriced, mayCall } from './allowed-model.ts'

const own = [
  { model: 'our-big', input: 10, output: 40 },
  { model: 'our-small', input: 1, output: 4 },
]

test.each([
  ['claude-sonnet-4-5', 'claude-sonnet-4-5', true],
  ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5', true],
  ['claude-sonnet-4-5', 'anthropic/claude-sonnet-4-5[1m]', true],
  // Small things are done by small models.
  ['claude-haiku-4-5', 'claude-sonnet-4-5', true],
  ['claude-opus-4-1', 'claude-sonnet-4-5', false],
  ['gpt-5-mini', 'gpt-5', true],
  ['gpt-5-pro', 'gpt-5', false],
  ['our-small', 'our-big', true],
  ['our-big', 'our-small', false],
  // An alias is worth what it stands for.
  ['claude-sonnet-4-5-20250929', 'sonnet', true],
  ['claude-haiku-4-5', 'sonnet', true],
  ['claude-opus-4-1', 'sonnet', false],
  // Of what nobody knows a price only itself.
  ['mystery', 'mystery', true],
  ['mystery-2', 'mystery', false],
  ['claude-haiku-4-5', 'mystery', false],
  ['mystery', 'claude-sonnet-4-5', false],
  ['anything', undefined, true],
])('[SPD-1] %s for a job that works with %s: %s', (asked, named, allowed) => {
  expect(mayCall(asked, named, own)).toBe(allowed)
})

test.each([
  ['claude-sonnet-4-5', true],
  ['anthropic/claude-opus-4-5[1m]', true],
  // What it stands for is asked of the vendor under its own name, and has a price.
  ['sonnet', true],
  ['our-big', true],
  ['mystery', false],
  ['', false],
])('[SPD-1] calls of a role that names the model %s are metered: %s', (named, priced) => {
  expect(isPriced(named, own)).toBe(priced)
})
