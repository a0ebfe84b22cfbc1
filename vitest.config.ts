import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'runner/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    restoreMocks: true,
    // Real processes on a busy machine: in CI a test may try once more, and the report says that it did. A property that
    // does not hold is never tried again: another seed would hide it.
    retry: process.env.CI === 'true' ? { count: 1, condition: /^(?!Property failed)/ } : 0,
  },
})
