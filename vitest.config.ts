import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longest-first.ts'

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
      { extends: true, test: { name: 'whole', include: ['test/**/*.test.ts'] } },
    ],
  },
})
