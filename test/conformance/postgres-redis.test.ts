import { conformance } from './conformance.ts'

conformance({ store: 'postgres', queue: 'redis' })
