import { expect, test } from 'vitest'
import { ownSecrets } from './own-secrets.ts'

test('credentials are known by the names of their variables, and passwords by standing in an address', () => {
  const env = {
    ANTHROPIC_API_KEY: 'anthropic-value-1',
    RUNNER_SECRET: 'runner-value-123',
    github_token: 'github-value-123',
    DATABASE_URL: 'postgres://app:data%20base-value@db:5432/app',
    PATH: '/usr/local/bin:/usr/bin',
    APP_URL: 'https://switchyard.example.com',
    KEYBOARD: 'a-long-enough-value',
    SHORT_KEY: 'short',
    NO_TOKEN: undefined,
  }
  expect(ownSecrets(env)).toEqual(['anthropic-value-1', 'runner-value-123', 'github-value-123', 'data base-value'])
})
