import pino from 'pino'
import { expect, test } from 'vitest'
import { JobId } from '../../contract/ids.ts'
import { createJobTokens } from './job-tokens.ts'

const JOB = JobId.parse('run1-code-1')
const OTHER = JobId.parse('run2-code-1')
const HOUR_MS = 3_600_000

function scene(revoke: (token: string) => Promise<void> = async () => undefined) {
  const revoked: string[] = []
  const logged: string[] = []
  const clock = { now: Date.parse('2026-01-05T09:00:00Z') }
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) })
  const tokens = createJobTokens(
    async (token) => {
      revoked.push(token)
      await revoke(token)
    },
    log,
    () => clock.now,
  )
  const give = (job: JobId, token: string) =>
    tokens.given(job, { token, expiresAt: new Date(clock.now + HOUR_MS).toISOString() })
  return { tokens, give, revoked, logged, clock }
}

test('what was used is ended once; the rest of the job is taken back, and nothing of another', async () => {
  const { tokens, give, revoked } = scene()
  give(JOB, 'ghs_fetch')
  give(JOB, 'ghs_push')
  give(OTHER, 'ghs_other')
  await tokens.used(JOB, 'ghs_fetch')
  await tokens.takeBack(JOB)
  await tokens.takeBack(JOB)
  expect(revoked).toEqual(['ghs_fetch', 'ghs_push'])
})

test('what has expired is not asked about any more', async () => {
  const { tokens, give, revoked, clock } = scene()
  give(JOB, 'ghs_old')
  clock.now += HOUR_MS + 1
  give(OTHER, 'ghs_new')
  await tokens.takeBack(JOB)
  expect(revoked).toEqual([])
})

test('where GitHub refuses, it is said without the token, and nothing waits for it', async () => {
  const { tokens, give, logged } = scene(async (token) => {
    throw new Error(`${token}: no`)
  })
  give(JOB, 'ghs_a')
  give(JOB, 'ghs_b')
  await tokens.used(JOB, 'ghs_a')
  await tokens.takeBack(JOB)
  expect(logged).toHaveLength(2)
  expect(logged.join()).not.toContain('ghs_')
})
