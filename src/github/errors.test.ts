import { describe, expect, it } from 'vitest'
import { ask, askOrNull, GitHubError, githubError } from './errors.ts'

const NOW = Date.parse('2026-01-02T03:04:05Z')

function answer(status: number, headers: Record<string, string> = {}, data: unknown = { message: 'said' }) {
  return Object.assign(new Error('said'), { status, response: { status, headers, data } })
}

describe('errors of GitHub', () => {
  it('takes 401, 403 and what may not be seen for a missing permission', () => {
    for (const status of [401, 403, 404, 410, 451]) {
      expect(githubError(answer(status), 'read x', NOW)).toMatchObject({ status, failure: { cause: 'permission' } })
    }
  })

  it('takes every other refusal and every server error for the API, and keeps the original', () => {
    for (const status of [400, 405, 409, 422, 500, 502, 503]) {
      const original = answer(status)
      const error = githubError(original, 'read x', NOW)
      expect(error).toMatchObject({ status, until: null, failure: { cause: 'api' } })
      expect(error.cause).toBe(original)
    }
  })

  it('tells a rate limit by status and headers, and until when', () => {
    const reset = String(NOW / 1_000 + 90)
    const limited: [ReturnType<typeof answer>, number][] = [
      [answer(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }), 90_000],
      [answer(429, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }), 90_000],
      [answer(403, { 'retry-after': '7' }), 7_000],
      [answer(429), 60_000],
      [answer(403, {}, { documentation_url: 'https://docs.github.test/rate-limits#about-secondary-rate-limits' }), 60_000],
    ]
    for (const [original, wait] of limited) {
      const error = githubError(original, 'read x', NOW)
      expect(error.failure.cause).toBe('rate-limit')
      expect(error.until?.getTime()).toBe(NOW + wait)
    }
  })

  it('is not misled by words', () => {
    const words = answer(403, { 'x-ratelimit-remaining': '4999' }, { message: 'You exceeded a secondary rate limit' })
    expect(githubError(words, 'read x', NOW).failure.cause).toBe('permission')
    const refused = answer(422, {}, { message: 'rate limit; permission denied' })
    expect(githubError(refused, 'read x', NOW).failure.cause).toBe('api')
  })

  it('understands the errors of GraphQL by their type', () => {
    const graphql = (type: string) => Object.assign(new Error('m'), { errors: [{ type, message: 'm' }], headers: {} })
    expect(githubError(graphql('FORBIDDEN'), 'x', NOW).failure.cause).toBe('permission')
    expect(githubError(graphql('RATE_LIMITED'), 'x', NOW).failure.cause).toBe('rate-limit')
    expect(githubError(graphql('UNPROCESSABLE'), 'x', NOW).failure.cause).toBe('api')
  })

  it('gives null for what is not there, where asked so', async () => {
    const missing = () => Promise.reject(answer(404))
    await expect(askOrNull('read x', missing)).resolves.toBeNull()
    await expect(ask('read x', missing)).rejects.toBeInstanceOf(GitHubError)
    await expect(askOrNull('read x', () => Promise.reject(answer(403)))).rejects.toBeInstanceOf(GitHubError)
  })
})
