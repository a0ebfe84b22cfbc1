import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { legKey } from '../support/core/build.ts'
import { CHROMIUM, hasChromium, openBrowser } from './browser.ts'
import { acmeRun, seedDay } from './demo-state.ts'
import { type Served, serveDashboard } from './serve.ts'
import { type StoredRun, storeRun } from './stored-run.ts'

const why = hasChromium() ? '' : ` (skipped: no browser at ${CHROMIUM})`

describe.skipIf(!hasChromium())(`the dashboard in a real browser${why}`, () => {
  let served: Served
  let browser: Browser
  let fixing: StoredRun
  let page: Page
  let complaints: string[]
  beforeAll(async () => {
    served = await serveDashboard()
    fixing = await seedDay(served.store)
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await served?.close()
  })
  beforeEach(async () => {
    complaints = []
    page = await browser.newPage()
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('request', (request) => {
      if (!request.url().startsWith(served.url)) complaints.push(`asked ${request.url()}`)
    })
  })
  afterEach(async () => {
    expect(complaints).toEqual([])
    await page.close()
  })

  test('a line that the agent writes appears in the open page, and the page follows it', async () => {
    await page.goto(`${served.url}/runs/${fixing.run.id}`)
    await page.getByText('Green here.').waitFor()
    await page.locator('#log-state', { hasText: 'live' }).waitFor()
    const more = Array.from({ length: 80 }, (_, index) => ['text', `more ${index}`] as const)
    await fixing.log([...more, ['text', 'This came <b>while you looked</b>.']])
    const line = page.getByText('This came <b>while you looked</b>.')
    await line.waitFor()
    expect(await line.evaluate((element) => element.closest('#log-lines')?.getBoundingClientRect().bottom)).toBeGreaterThan(
      (await line.boundingBox())?.y ?? Number.NaN,
    )
    expect(await page.locator('#log-lines b').count()).toBe(0)
  })

  test('steps change in the open page when the run does, and the log goes over to the next job', async () => {
    const tale = await storeRun(served.store, acmeRun('step1', legKey('acme__api'), 77, 'Step by step'), Date.now())
    await page.goto(`${served.url}/runs/step1`)
    await page.getByText('No agent has worked on this run yet.').waitFor()
    await page.locator('#log-state', { hasText: 'live' }).waitFor()
    await tale.send({ type: 'run.admitted' })
    await tale.begin()
    await tale.log([['text', 'I plan now.']])
    await page.locator('li[aria-current="step"]', { hasText: 'Plan' }).waitFor()
    await page.getByText('I plan now.').waitFor()
    expect(await page.locator('#log-job').textContent()).toBe('step1-plan-1')
  })

  test('the log is filtered by what is typed, from the keyboard alone', async () => {
    await page.goto(`${served.url}/runs/${fixing.run.id}`)
    await page.getByText('Green here.').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('npm TEST')
    await page.locator('#log-count', { hasText: /^3 of / }).waitFor()
    expect(await page.locator('.line:visible').allTextContents()).toHaveLength(3)
    await page.keyboard.press('Escape')
    await page.locator('#log-count', { hasText: /^\d+ lines$/ }).waitFor()
  })

  test('the first Tab offers to skip to the content, and every card can be reached', async () => {
    await page.goto(served.url)
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content')
    const reached = new Set<unknown>()
    for (let presses = 0; presses < 20; presses++) {
      await page.keyboard.press('Tab')
      reached.add(await page.evaluate('document.activeElement.getAttribute("href")'))
    }
    for (const id of ['w5t1', 'c2x6', 'k3f9', 'h8v3', 'q1a5', 'q6b7', 'f4q8', 'd7m2']) expect(reached).toContain(`/runs/${id}`)
  })

  test('what was opened stays open when the page is brought up to date', async () => {
    await page.goto(`${served.url}/runs/w5t1`)
    await page.locator('summary', { hasText: 'Plan' }).click()
    const fetched = page.waitForResponse((response) => response.url().endsWith('/runs/w5t1'))
    await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))')
    await fetched
    await page.locator('details[open] >> text=Clients that do not know').waitFor()
  })

  test.each([320, 375, 768, 1280])('no page scrolls sideways at %i px', async (width) => {
    await page.setViewportSize({ width, height: 800 })
    for (const path of ['/', '/queue', '/deliveries', '/nothing', '/runs/k3f9', '/runs/w5t1', '/runs/d7m2', '/runs/f4q8']) {
      const response = await page.goto(`${served.url}${path}`)
      expect(response?.status() ?? 0).toBeLessThan(500)
      if (path === '/runs/k3f9') await page.locator('.line').first().waitFor()
      expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(width)
    }
    // A page that is missing is an error to the console too.
    complaints = complaints.filter((text) => !text.includes('404'))
  })
})
