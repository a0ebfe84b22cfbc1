import { conformance } from './conformance.ts'

conformance({ store: 'pglite', queue: 'store' })
