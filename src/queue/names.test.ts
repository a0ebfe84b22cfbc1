import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RunId } from '../contract/ids.ts'
import { deliveryJobId, effectJobId, timerJobId } from './names.ts'

const id = fc.string({ unit: 'grapheme', minLength: 1 })

test('job ids are such as BullMQ takes, and different for different things', () => {
  fc.assert(
    fc.property(id, id, (one, other) => {
      for (const name of [deliveryJobId, effectJobId, (text: string) => timerJobId(RunId.parse('abcd'), text, 1)]) {
        expect(name(one)).toMatch(/^[a-z]+-[A-Za-z0-9_-]+$/)
        expect(name(one) === name(other)).toBe(one === other)
      }
    }),
  )
})

test('GitHub’s delivery ids stay readable', () => {
  expect(deliveryJobId('72d3162e-cc78-11e3-81ab-4c9367dc0958')).toBe('delivery-72d3162e-cc78-11e3-81ab-4c9367dc0958')
})
