/** Tries every runtime that is installed and writes the page: `npm run agents:conformance`. */
import { readFile, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { PAGE, renderPage } from './page.ts'
import { roomForJobs, runCell } from './run-cell.ts'
import { createStand } from './stand.ts'
import { subjects } from './subjects.ts'
import { columns, nameOf, type Row } from './table.ts'

const all = columns()
const room = roomForJobs()
const rows = await Promise.all(
  (await subjects()).map(async (subject): Promise<Row> => {
    const stand = createStand(subject, room)
    try {
      const outcomes = await Promise.all(all.map((column) => runCell(stand, column)))
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome.status === 'failed') console.error(`${subject.name}, ${all[index]?.title}: ${outcome.why}\n`)
      }
      return { subject, outcomes }
    } finally {
      await stand.close()
    }
  }),
)
const missing = rows.filter(({ outcomes }) => outcomes.some(({ status }) => status === 'skipped'))
if (missing.length > 0) {
  console.error(`Not installed: ${missing.map(({ subject }) => subject.name).join(', ')}. ${PAGE} stays as it is.`)
  console.error('Install them with: npm run agents:install -- NAME...')
  process.exitCode = 1
} else {
  const page = renderPage(rows)
  const before = await readFile(PAGE, 'utf8').catch(() => '')
  await writeFile(PAGE, page)
  console.log(
    `${PAGE} ${before === page ? 'is as it was' : 'written'}: ${rows.map(({ subject }) => nameOf(subject)).join(', ')}`,
  )
  if (rows.some(({ outcomes }) => outcomes.some(({ status }) => status === 'failed'))) process.exitCode = 1
}
