import type { JobLeg } from '../src/contract/job.ts'
import type { GitCredential } from './git/git-environment.ts'

/**
 * Does one operation in one repository with a fresh token. It is asked of the app each time, so that it does not matter how
 * long a job takes; it is kept nowhere, and the app is told to end it as soon as the operation is over.
 */
export type TokenSource = <T>(
  leg: JobLeg,
  operation: 'fetch' | 'push',
  operate: (credential: GitCredential) => Promise<T>,
) => Promise<T>
