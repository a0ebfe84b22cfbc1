/** A model that does not answer. */
import assert from 'node:assert/strict'
import { type Column, commit, failed, report } from './cell.ts'

const RETRY_AFTER_S = 600
/** How long the end may take where the model refuses at once: the agent's own retries are off. */
const AT_ONCE_MS = 30_000

export const MODEL_COLUMNS: readonly Column[] = [
  {
    title: 'context overflow',
    shows: '[AGT-5]',
    promise: 'When the model says that the prompt is too long, it goes on with less, or the job fails with the cause "model".',
    async check(stand) {
      const overflow = { misbehave: { kind: 'context-overflow' as const } }
      const job = await stand.start(await stand.open(), ({ api }) => [commit(api, 'one.txt'), overflow, report()])
      const result = await job.done
      if (result.status === 'finished') return 'goes on'
      assert.equal(failed(result).failure.cause, 'model')
      assert.equal(result.legs[0]?.push.status, 'pushed')
      return 'the job fails'
    },
  },
  {
    title: 'rate limit',
    shows: '[AGT-5]',
    promise: 'When the model says 429, the job fails at once with the cause "rate-limit"; retrying is not left to the agent.',
    async check(stand) {
      const limited = { misbehave: { kind: 'status' as const, status: 429, retryAfterSeconds: RETRY_AFTER_S } }
      const { rateLimitRequests } = stand.subject
      const before = performance.now()
      const job = await stand.start(await stand.open(), ({ api }) => [
        commit(api, 'one.txt'),
        ...Array.from({ length: rateLimitRequests }, () => limited),
        report(),
      ])
      const result = failed(await job.done)
      assert.equal(result.failure.cause, 'rate-limit')
      assert.ok(performance.now() - before < AT_ONCE_MS)
      assert.equal(job.model.turns().length, 1 + rateLimitRequests)
      assert.equal(result.legs[0]?.push.status, 'pushed')
      return rateLimitRequests === 1 ? '' : `asks ${rateLimitRequests} times`
    },
  },
]
