/**
 * Takes the pictures of the dashboard for the README and the docs, into `docs/pictures/`:
 * `node test/dashboard/pictures.ts`, where Chromium is installed.
 */
import { mkdir, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { openBrowser } from './browser.ts'
import { seedDay } from './demo-state.ts'
import { serveDashboard } from './serve.ts'

const FOLDER = fileURLToPath(new URL('../../docs/pictures', import.meta.url))
const WIDTHS = [
  { suffix: '', width: 1280, height: 860 },
  { suffix: '-narrow', width: 375, height: 1_240 },
]
/** Further pages are only looked at: `node test/dashboard/pictures.ts <folder>` puts them there. */
const extra = process.argv[2]

await mkdir(FOLDER, { recursive: true })
const served = await serveDashboard()
const fixing = await seedDay(served.store)
const browser = await openBrowser()
try {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const { suffix, width, height } of WIDTHS) {
      const page = await browser.newPage({ colorScheme, viewport: { width, height } })
      const take = async (name: string, path: string, folder = FOLDER) => {
        await page.goto(`${served.url}${path}`)
        if (path === `/runs/${fixing.run.id}`) await page.locator('.line').last().waitFor()
        const file = `${folder}/${name}-${colorScheme}${suffix}.png`
        await page.screenshot({ path: file, fullPage: folder !== FOLDER })
        console.log(file, `${Math.round((await stat(file)).size / 1024)} KB`)
      }
      await take('dashboard', '/')
      await take('run', `/runs/${fixing.run.id}`)
      if (extra !== undefined) {
        for (const [name, path] of [
          ['queue', '/queue'],
          ['deliveries', '/deliveries'],
          ['run-full', `/runs/${fixing.run.id}`],
          ['missing', '/nothing'],
          ['approve', '/runs/w5t1'],
          ['failed', '/runs/f4q8'],
          ['merged', '/runs/d7m2'],
          ['queued', '/runs/q1a5'],
        ] as const)
          await take(name, path, extra)
      }
      await page.close()
    }
  }
} finally {
  await browser.close()
  await served.close()
}
