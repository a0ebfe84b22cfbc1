import type { Store } from '../../src/store/store.ts'

/** The store that a suite's tests share. */
export interface Opened {
  store: Store
}
