import { expect, test } from 'vitest'
import { safeLink } from './links.ts'

test.each([
  ['https://preview.example/a_b?x=1', '[here](https://preview.example/a_b?x=1)'],
  ['https://preview.example/a)b', '[here](https://preview.example/a%29b)'],
  ['https://preview.example/<x>|y', '[here](https://preview.example/%3Cx%3E%7Cy)'],
  ['javascript:alert(1)', 'here: `javascript:alert(1)`'],
  ['https://mona:secret@preview.example/', 'here: `https://mona:secret@preview.example/`'],
  ['not an address', 'here: `not an address`'],
])('%s', (address, shown) => {
  expect(safeLink('here', address)).toBe(shown)
})
