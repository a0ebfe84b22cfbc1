import { describe, expect, it } from 'vitest'
import { failedDeliveries } from './deliveries.ts'

describe('failed deliveries', () => {
  it('are those of which no attempt succeeded, each by its newest attempt', () => {
    const attempt = (id: number, guid: string, ok: boolean) => ({ id, guid, event: 'push', deliveredAt: '', ok })
    const attempts = [
      attempt(5, 'a', false),
      attempt(4, 'b', true),
      attempt(3, 'b', false),
      attempt(2, 'a', false),
      attempt(1, 'c', true),
    ]
    expect(failedDeliveries(attempts).map((each) => each.id)).toEqual([5])
  })
})
