import { describe } from 'vitest'
import { type Combination, missingFor, titleOf } from './combinations.ts'
import { crashSuite } from './crash-suite.ts'
import { queueSuite } from './queue-suite.ts'
import { storeSuite } from './store-suite.ts'

/** The same tests on every combination of store and queue; skipped, with the reason, where a service is not there. */
export function conformance(combination: Combination): void {
  describe.skipIf(missingFor(combination) !== null)(titleOf(combination), () => {
    storeSuite(combination)
    queueSuite(combination)
    crashSuite(combination)
  })
}
