import { expect, test } from 'vitest'
import { charactersOf } from './characters.ts'

test('[SPD-2] what a stream has written is counted in every wire, and what it repeats is not', () => {
  const events: [unknown, number][] = [
    [{ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'four' } }, 4],
    [{ type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'hmm' } }, 3],
    [{ type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"a":1}' } }, 7],
    [{ type: 'message_start', message: { content: [{ type: 'text', text: 'not again' }] } }, 0],
    [{ choices: [{ delta: { role: 'assistant', content: 'four' } }] }, 4],
    [{ choices: [{ delta: { tool_calls: [{ index: 0, function: { arguments: '{}' } }] } }] }, 2],
    [{ type: 'response.output_text.delta', item_id: 'i', delta: 'four' }, 4],
    [{ type: 'response.completed', response: { output: [{ content: [{ text: 'not again' }] }] } }, 0],
    [{ candidates: [{ content: { role: 'model', parts: [{ text: 'four' }] } }], usageMetadata: { promptTokenCount: 9 } }, 4],
    ['[DONE]', 0],
    [null, 0],
  ]
  for (const [event, characters] of events) expect(charactersOf(event), JSON.stringify(event)).toBe(characters)
})

test('an answer as deep as it likes does no harm', () => {
  let deep: unknown = { text: 'far down' }
  for (let level = 0; level < 10_000; level += 1) deep = { level: deep }
  expect(charactersOf(deep)).toBe(0)
})
