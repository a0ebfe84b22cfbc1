import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toJson, toText } from './to-postgres.ts'

const anyText = fc.string({ unit: fc.oneof(fc.constantFrom('\0', '\ud83d', '\ude00', '\\', 'u0000', '"', '\n'), fc.string()) })

test('what Postgres refuses becomes U+FFFD, and nothing else changes', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const harmless = text.replaceAll('\0', '\ufffd').toWellFormed()
      expect(toText(text)).toBe(harmless)
      expect(JSON.parse(toJson({ text: [text] }))).toEqual({ text: [harmless] })
    }),
  )
})

test('text that only looks like an escape stays', () => {
  expect(JSON.parse(toJson(['\\u0000', '\\\\ud83d']))).toEqual(['\\u0000', '\\\\ud83d'])
})

test('nothing is null', () => {
  expect(toJson(undefined)).toBe('null')
})
