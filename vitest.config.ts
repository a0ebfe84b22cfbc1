import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longest-first.ts'

/** Every coding agent through its real binary. */
const AGENTS = 'test/agents/conformance/*.test.ts'

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // One more than the cores of the smallest machine: most tests wait for a process now and then.
    maxWorkers: 3,
    restoreMocks: true,
    sequence: { sequencer: LongestFirst },
    // Real processes on a busy machine: in CI a test may try once more, and the report says that it did. A property that
    // does not hold is never tried again: another seed would hide it.
    retry: process.env.CI === 'true' ? { count: 1, condition: /^(?!Property failed)/ } : 0,
    projects: [
      // Tests beside the code keep to themselves: their files share a process, and load each module once.
      { extends: true, test: { name: 'units', include: ['src/**/*.test.ts', 'runner/**/*.test.ts'], isolate: false } },
      { extends: true, test: { name: 'whole', include: ['test/**/*.test.ts'], exclude: [AGENTS] } },
      // It has its own room for jobs: its tests wait for these, many of them for the same one.
      { extends: true, test: { name: 'agents', include: [AGENTS], maxConcurrency: 1_000 } },
    ],
  },
})
