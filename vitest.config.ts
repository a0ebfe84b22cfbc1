import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'runner/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    restoreMocks: true,
    // Real processes on a busy machine: in CI a test may try once more, and the report says that it did.
    retry: process.env.CI === 'true' ? 1 : 0,
  },
})
