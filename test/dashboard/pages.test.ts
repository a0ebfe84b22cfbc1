import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { legKey } from '../support/core/build.ts'
import { acmeRun, seedDay } from './demo-state.ts'
import { ask } from './http.ts'
import { type Served, serveDashboard } from './serve.ts'
import { SECRET_NONCE, type StoredRun, storeRun } from './stored-run.ts'

const ATTACK = `"><img src=x onerror=alert(1)><script>alert(2)</script>' onmouseover='alert(3)`

describe('an empty dashboard', () => {
  let served: Served
  beforeAll(async () => {
    served = await serveDashboard()
  })
  afterAll(() => served.close())

  test('says in words that there is nothing, and what to do', async () => {
    const words = {
      '/': 'No runs yet',
      '/queue': 'No runner has been heard of',
      '/schedules': 'No repository has',
      '/deliveries': 'No webhook has arrived',
    }
    for (const [path, text] of Object.entries(words)) {
      const { status, body } = await ask(served.port, path)
      expect(status, path).toBe(200)
      expect(body, path).toContain(text)
    }
  })

  test('answers an unknown page, run, job or log with 404', async () => {
    await storeRun(served.store, acmeRun('lone1', legKey('acme__api'), 1, 'Alone'), Date.now())
    const paths = [
      '/nothing',
      '/runs/zzzz',
      '/runs/..%2f',
      '/runs/lone1?job=zzzz-plan-1',
      '/runs/zzzz/log',
      '/runs/lone1/log?job=x',
    ]
    for (const path of [...paths, '/runs/zzzz/log.txt', '/assets/0/base.css']) {
      const { status, body } = await ask(served.port, path)
      expect(status, path).toBe(404)
      expect(body, path).toContain('Nothing here')
    }
  })
})

describe('a dashboard in the middle of a day', () => {
  let served: Served
  let fixing: StoredRun
  beforeAll(async () => {
    served = await serveDashboard()
    fixing = await seedDay(served.store)
  })
  afterAll(() => served.close())
  const get = async (path: string) => (await ask(served.port, path)).body

  test('the board has every run under what it waits for', async () => {
    const board = await get('/')
    expect(board).toContain('One run waits for you')
    const columns = board.split('<section').filter((part) => part.includes('data-waits'))
    const titles = columns.map((column) => [...column.matchAll(/<h3><a href="[^"]*">([^<]*)</g)].map((found) => found[1]))
    expect(titles).toEqual([
      ['Paginate the list of orders'],
      ['Let people sort the basket by price', 'Show a discount on items'],
      ['Answer 404 for items that were taken out'],
      ['Log slow queries with their plan', 'Explain how refunds are booked'],
    ])
    expect(board).toMatch(/Ended recently[\s\S]*The agent fell silent and was stopped[\s\S]*Round prices to whole cents/)
    expect(board).toContain('fixing test in acme/storefront')
    expect(board).toContain('$0.84')
  })

  test('a run’s page shows its steps, repositories, plan, history and the log of its job', async () => {
    const page = await get(`/runs/${fixing.run.id}`)
    for (const name of ['Plan', 'Approval', 'Code', 'Review', 'Checks', 'Merge'])
      expect(page).toContain(`<strong>${name}</strong>`)
    expect(page).toContain('aria-current="step"')
    expect(page).toContain('https://github.com/acme/api/pull/12')
    expect(page).toMatch(/https:\/\/github\.com\/acme\/storefront\/commit\/[0-9a-f]{40}/)
    expect(page).toMatch(/<summary>Plan [0-9a-f]+: 2 repositories, 3 files<\/summary>/)
    expect(page).toContain('command.approve')
    expect(page).toContain(`data-job="${fixing.job()}"`)
    expect(page).toContain('Nothing is needed from you.')
  })

  test('a run that waits for a person leads with what that person can do', async () => {
    const page = await get('/runs/w5t1')
    expect(page).toMatch(/<strong>Approve the plan<\/strong> to go on/)
    expect(page).toMatch(/<code>\/yard approve [0-9a-f]+<\/code>/)
  })

  test('an earlier attempt’s log can be chosen', async () => {
    const page = await get(`/runs/${fixing.run.id}?job=k3f9-code-1`)
    expect(page).toContain('data-job="k3f9-code-1"')
    expect(page).toContain('data-chosen="yes"')
  })

  test('the queue shows the line, the jobs and what the runners offer', async () => {
    const page = await get('/queue')
    expect(page).toMatch(/Log slow queries[\s\S]*Explain how refunds/)
    expect(page).toContain('k3f9-ci-2')
    expect(page).toContain('2 of 2 places taken')
    expect(page).toContain('codex not ready: not installed')
  })

  test('deliveries come newest first, with their errors', async () => {
    const page = await get('/deliveries')
    expect(page.indexOf('issue_comment')).toBeLessThan(page.indexOf('check_suite'))
    expect(page).toContain('GitHub answered 403: Resource not accessible by integration')
  })

  test('the log is there as plain text', async () => {
    const { headers, body } = await ask(served.port, `/runs/${fixing.run.id}/log.txt`)
    expect(headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(body.split('\n').filter((line) => line.includes(' tool '))).toHaveLength(4)
  })

  test('no page holds the nonce of a job', async () => {
    const paths = ['/', '/queue', '/deliveries', ...['k3f9', 'w5t1', 'd7m2', 'f4q8', 'q1a5'].map((run) => `/runs/${run}`)]
    for (const path of paths) expect(await get(path), path).not.toContain(SECRET_NONCE)
  })

  test('nothing inline is executed and nothing comes from elsewhere', async () => {
    const { headers, body } = await ask(served.port, '/')
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
    expect(headers['access-control-allow-origin']).toBeUndefined()
    expect(body).not.toMatch(/<script(?![^>]*\ssrc="\/assets\/)|<style|\sstyle=|\son\w+=/)
    for (const [, path] of body.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)) {
      expect((await ask(served.port, path ?? '')).status, path).toBe(200)
    }
  })

  test('nothing can be changed: other methods find nothing', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) expect((await ask(served.port, '/runs/k3f9', { method })).status).toBe(404)
  })
})

describe('text that people and agents wrote', () => {
  test('is shown, and does nothing', async () => {
    const served = await serveDashboard()
    try {
      const created = acmeRun('evil1', legKey('acme__api'), 1, ATTACK)
      const tale = await storeRun(served.store, created, Date.now())
      await tale.send({ type: 'run.admitted' })
      await tale.begin()
      await tale.log([['text', ATTACK]])
      await tale.plan({
        summary: `${ATTACK} [here](javascript:alert(4)) ![x](https://evil.example/x.png)`,
        repositories: [{ repository: 'acme/api', role: 'provider', why: ATTACK }],
        files: [{ repository: 'acme/api', path: ATTACK, change: ATTACK }],
        ...{ risks: [ATTACK], testPlan: ['<javascript:alert(5)>'], mergeOrder: [], openQuestions: [ATTACK] },
      })
      for (const path of ['/', '/runs/evil1', '/queue']) {
        const { body } = await ask(served.port, path)
        expect(body, path).not.toMatch(
          /<img (?!src="\/assets\/)|<script>|<[^>]*\son\w+\s*=|href="javascript:|evil\.example\/x\.png"/i,
        )
      }
      expect((await ask(served.port, '/runs/evil1')).body).toContain('&lt;script&gt;alert(2)&lt;/script&gt;')
      const text = await ask(served.port, '/runs/evil1/log.txt')
      expect(text.headers['content-type']).toMatch(/^text\/plain/)
    } finally {
      await served.close()
    }
  })
})
