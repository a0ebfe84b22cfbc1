import { describe, expect, it } from 'vitest'
import { AllowedHost } from '../../src/contract/sandbox.ts'
import { isAllowed } from './allow-list.ts'

const LIST = ['npm.example.org', '*.example.com', 'intern.example.org:8443']

describe('the allow-list', () => {
  it.each([
    ['npm.example.org', 443],
    ['NPM.example.org', 443],
    ['npm.example.org.', 443],
    ['a.example.com', 443],
    ['a.b.example.com', 443],
    ['intern.example.org', 8443],
  ])('%s:%i is on it', (host, port) => {
    expect(isAllowed(LIST, host, port)).toBe(true)
  })

  it.each([
    ['npm.example.org', 80],
    ['npm.example.org', 8443],
    ['npm.example.org.evil.test', 443],
    ['evilnpm.example.org', 443],
    ['example.org', 443],
    ['example.com', 443],
    ['badexample.com', 443],
    ['.example.com', 443],
    ['intern.example.org', 443],
    ['', 443],
    ['104.16.1.1', 443],
  ])('%s:%i is not', (host, port) => {
    expect(isAllowed(LIST, host, port)).toBe(false)
  })

  it('has entries that its own schema takes, and no others', () => {
    for (const host of LIST) expect(AllowedHost.parse(host)).toBe(host)
    for (const bad of [
      '*',
      '*.',
      'a b.com',
      'https://a.com',
      'a.com/x',
      'a.com:0',
      'a..com',
      '-a.com',
      '*.*.com',
      'user@a.com',
    ])
      expect(AllowedHost.safeParse(bad).success, bad).toBe(false)
  })
})
