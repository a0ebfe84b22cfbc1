import { expect, test } from 'vitest'
import { unpricedModel } from './priced-model.ts'

const own = [{ model: 'quill-*', input: 1, output: 2 }]

test('[CFG-3] a model whose price is known needs no word, with a vendor before it or not', () => {
  for (const model of ['claude-sonnet-4-5', 'anthropic/claude-opus-4-5', 'quill-2'])
    expect(unpricedModel(model, { prices: own, unpriced: 'refuse' })).toBeNull()
})

test('[CFG-3] one without a price is taken with a word, or refused where the deployment says so; the nearest known are named', () => {
  expect(unpricedModel('claude-sonet-4', { prices: own, unpriced: 'allow' })).toEqual({
    refused: false,
    why: 'the price of `claude-sonet-4` is not known, so what it costs is not counted',
    remedy:
      'Coding agents have no list of their models: whether the agent knows this one shows with its next job. Did you mean `claude-sonnet-4`, `claude-opus-4` or `claude-opus-4-5`?',
  })
  expect(unpricedModel('claude-sonet-4', { prices: [], unpriced: 'refuse' })).toMatchObject({
    refused: true,
    remedy:
      'Did you mean `claude-sonnet-4`, `claude-opus-4` or `claude-opus-4-5`? Ask who runs Switchyard to add its price (`MODEL_PRICES`).',
  })
  expect(unpricedModel('zzzzzzzzzzzzzzzz', { prices: [], unpriced: 'refuse' })?.remedy).toBe(
    'Ask who runs Switchyard to add its price (`MODEL_PRICES`).',
  )
})
