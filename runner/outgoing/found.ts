import type { Finding } from '../../src/contract/protection.ts'

/** A finding, and what exactly was found: to let it through lets through this content and no other. */
export interface Found {
  readonly finding: Finding
  /** Never shown; a secret is in it only as a hash. */
  readonly content: string
}
