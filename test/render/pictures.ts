/**
 * Takes the pictures of what people read on GitHub, from the golden files, into `docs/pictures/`:
 * `node test/render/pictures.ts`, where Chromium is installed. With a folder behind it every state is put there, in light
 * and dark, wide and as on a phone, to be looked at.
 */
import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openBrowser } from '../dashboard/browser.ts'
import { htmlOf } from './html.ts'

const GOLDEN = new URL('../../src/render/golden/', import.meta.url)
const DOCS = fileURLToPath(new URL('../../docs/pictures', import.meta.url))
const STYLE = new URL('github.css', import.meta.url)
const WIDE = 780
const PHONE = 390
/** What goes into the docs: a golden file, and how it is looked at. */
const KEPT = [
  { file: 'status-needs-approval.md', colorScheme: 'light', width: WIDE },
  { file: 'status-needs-approval.md', colorScheme: 'dark', width: WIDE },
  { file: 'status-coding.md', colorScheme: 'light', width: PHONE },
  { file: 'status-merged.md', colorScheme: 'light', width: WIDE },
  { file: 'status-merged.md', colorScheme: 'dark', width: WIDE },
  { file: 'status-failed.md', colorScheme: 'light', width: WIDE },
  { file: 'status-needs-approval.md', colorScheme: 'light', width: PHONE },
  { file: 'pull-request-primary.md', colorScheme: 'light', width: WIDE },
  { file: 'pull-request-primary.md', colorScheme: 'dark', width: WIDE },
  { file: 'check-review.md', colorScheme: 'light', width: WIDE },
] as const

const folder = process.argv[2]
const files = (await readdir(GOLDEN, { recursive: true })).filter((file) =>
  /(?:status|check|pull-request|explain)[^/]*\.md$|pipelines\/.*\.md$/.test(file),
)
const all = files.flatMap((file) =>
  (['light', 'dark'] as const).flatMap((colorScheme) => [WIDE, PHONE].map((width) => ({ file, colorScheme, width }))),
)

const target = folder ?? DOCS
await mkdir(target, { recursive: true })
const style = await readFile(STYLE, 'utf8')
const browser = await openBrowser()
try {
  for (const { file, colorScheme, width } of folder === undefined ? KEPT : all) {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 400 } })
    const text = await readFile(new URL(file, GOLDEN), 'utf8')
    await page.setContent(
      `<!doctype html><html lang="en"><title>Switchyard</title><style>${style}</style><article><header><b>switchyard</b> <span>bot</span></header><div class="body">${htmlOf(text)}</div></article></html>`,
    )
    const name = `${basename(file, '.md')}-${colorScheme}${width === PHONE ? '-narrow' : ''}.png`
    await page.locator('article').screenshot({ path: `${target}/${name}` })
    console.log(name, `${Math.round((await stat(`${target}/${name}`)).size / 1024)} KB`)
    await page.close()
  }
} finally {
  await browser.close()
}
