import { afterAll, beforeAll, describe } from 'vitest'
import { type Combination, clearPlace, makePlace, openStoreAt, type Place } from './combinations.ts'
import { moneySuite } from './money-suite.ts'
import type { Opened } from './opened.ts'
import { runsSuite } from './runs-suite.ts'
import { workSuite } from './work-suite.ts'

/** What every store does, whatever it is on. */
export function storeSuite(combination: Combination): void {
  describe('store', () => {
    let place: Place
    // Set before the first test runs.
    const opened = {} as Opened

    beforeAll(async () => {
      place = await makePlace(combination, { folder: false })
      opened.store = await openStoreAt(place)
    })
    afterAll(async () => {
      await opened.store.close()
      await clearPlace(place)
    })

    runsSuite(opened)
    workSuite(opened)
    moneySuite(opened)
  })
}
