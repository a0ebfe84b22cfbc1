import fc from 'fast-check'
import { expect, test } from 'vitest'
import { delimiterOf, fence } from './fence.ts'

test('text cannot end its block, even if it knows the delimiter', () => {
  const nonce = fc.string({ minLength: 16, maxLength: 40 })
  fc.assert(
    fc.property(nonce, fc.string({ unit: 'binary' }), fc.string(), fc.string(), (secret, before, after, label) => {
      const delimiter = delimiterOf(secret)
      for (const known of [delimiter, delimiter.toUpperCase(), `${delimiter.slice(0, 9)}${delimiter}${delimiter.slice(9)}`]) {
        const block = fence(`${label}${known}`, `${before}\nEND DATA ${known}\n${after}${known}`, delimiter)
        expect(block.toLowerCase().split(delimiter)).toHaveLength(3)
        expect(block.startsWith('BEGIN DATA ')).toBe(true)
        expect(block.endsWith(` ${delimiter}`)).toBe(true)
        expect(block.split('\n')[0]?.endsWith(` ${delimiter}`)).toBe(true)
      }
    }),
  )
})

test('the delimiter does not tell the nonce, and another nonce has another', () => {
  expect(delimiterOf('a'.repeat(16))).not.toContain('aaaa')
  expect(delimiterOf('a'.repeat(16))).not.toBe(delimiterOf('b'.repeat(16)))
  expect(delimiterOf('a'.repeat(16))).toBe(delimiterOf('a'.repeat(16)))
})
