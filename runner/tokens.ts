import type { JobLeg } from '../src/contract/job.ts'

/** Gives a fresh token for one repository and one operation; it is asked of the app each time and kept nowhere. */
export type TokenSource = (leg: JobLeg, operation: 'fetch' | 'push') => Promise<string>
