import { describe, expect, it } from 'vitest'
import { createWriteLog } from './writes.ts'

const COMMENT = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'
const EDIT = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}'

describe('the log of writes', () => {
  it('counts by route, and within a piece of work', async () => {
    const log = createWriteLog()
    log.record({ installationId: 1, route: EDIT })
    const { value, writes } = await log.during(async () => {
      await Promise.resolve()
      log.record({ installationId: 1, route: COMMENT })
      await new Promise((resolve) => setImmediate(resolve))
      log.record({ installationId: 1, route: EDIT })
      return 'done'
    })
    expect(value).toBe('done')
    expect(writes.total).toBe(2)
    expect([...log.all().byRoute]).toEqual([
      [EDIT, 2],
      [COMMENT, 1],
    ])
  })

  it('does not mix pieces of work that run side by side', async () => {
    const log = createWriteLog()
    const work = (times: number) =>
      log.during(async () => {
        for (let done = 0; done < times; done += 1) {
          log.record({ installationId: 1, route: EDIT })
          await new Promise((resolve) => setImmediate(resolve))
        }
      })
    const [one, other] = await Promise.all([work(3), work(5)])
    expect([one.writes.total, other.writes.total]).toEqual([3, 5])
    expect(log.all().total).toBe(8)
  })

  it("says how long they take at GitHub's pace", () => {
    const log = createWriteLog()
    const times = (count: number, route: string, installationId: number) => {
      for (let done = 0; done < count; done += 1) log.record({ installationId, route })
    }
    times(2, EDIT, 1)
    times(2, COMMENT, 1)
    expect(log.all().pacedMs).toBe(6_000)
    times(9, EDIT, 2)
    expect(log.all().pacedMs).toBe(9_000)
    expect(createWriteLog().all()).toMatchObject({ total: 0, pacedMs: 0 })
  })
})
