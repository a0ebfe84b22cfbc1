/** Every runtime through its real binary, by the real runner, against the scripted model: one test per mark of the table. */
import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { afterAll, describe, expect, it } from 'vitest'
import { PAGE, renderPage, rowOnPage } from './page.ts'
import { roomForJobs, runCell } from './run-cell.ts'
import { createStand, type Stand } from './stand.ts'
import { subjects } from './subjects.ts'
import { columns, nameOf, type Outcome, type Row, renderTable } from './table.ts'

/** Its turn comes when others are done: so the time-out is the whole table's. */
const TABLE_MS = 600_000
/** In CI every agent must be there: a runtime that is not tried is not known to work. */
const MAY_SKIP = process.env.CI !== 'true'

const all = columns()
const room = roomForJobs()
const rows = (await subjects()).map((subject) => ({
  subject,
  stand: createStand(subject, room),
  outcomes: new Map<string, Outcome>(),
}))

afterAll(async () => {
  await Promise.all(rows.map(({ stand }: { stand: Stand }) => stand.close()))
  console.log(
    renderTable(
      all.map(({ title }) => title),
      rows.map(tried),
    ),
  )
})

describe.each(rows)('[AGT-7] $subject.name', { concurrent: true, timeout: TABLE_MS }, ({ subject, stand, outcomes }) => {
  it.skipIf(!subject.installed && MAY_SKIP).for(all)('$title $shows', async (column, { expect }) => {
    const outcome = await runCell(stand, column)
    outcomes.set(column.title, outcome)
    expect(outcome, outcome.status === 'failed' ? outcome.why : undefined).toMatchObject({ status: 'passed' })
  })
})

it('is kept in docs/runtimes/conformance.md as it came out', async () => {
  const page = await readFile(PAGE, 'utf8')
  const now = renderPage(rows.map(tried))
  const ran = rows.filter(({ subject, outcomes }) => subject.installed && outcomes.size === all.length)
  for (const { subject } of ran) expect(rowOnPage(page, subject.name), nameOf(subject)).toEqual(rowOnPage(now, subject.name))
  for (const { title, promise } of all) expect(page).toContain(`- **${title}**: ${promise}`)
  for (const { subject } of rows) expect(rowOnPage(page, subject.name)).toHaveLength(all.length + 1)
})

function tried({ subject, outcomes }: (typeof rows)[number]): Row {
  return { subject, outcomes: all.map(({ title }) => outcomes.get(title) ?? { status: 'skipped' }) }
}
