import { columns, type Row, renderTable } from './table.ts'

/** Where the table is kept. */
export const PAGE = 'docs/runtimes/conformance.md'

/** The page with the table, as it came out. */
export function renderPage(rows: readonly Row[]): string {
  const all = columns()
  return [
    '# What every runtime does',
    '',
    'Written by `npm run agents:conformance`; do not edit. Every mark is a job as in production: the real runner with the real agent,',
    "at the version named, in the sandbox. It asks the job's model gateway, and that a scripted model on loopback in the vendor's place. The",
    'same script of intents drives every agent. The tests try every mark anew and fail where this page says something else.',
    '',
    renderTable(
      all.map(({ title }) => title),
      rows,
    ),
    '',
    'What a mark promises:',
    '',
    ...all.map(({ title, promise }) => `- **${title}**: ${promise}`),
    '',
    '`command` stands for any program that follows [its protocol](command.md); here it is a small agent of the tests.',
    '',
  ].join('\n')
}

/** The row of a runtime on the page, by its cells. */
export function rowOnPage(page: string, runtime: string): string[] {
  const line = page.split('\n').find((text) => text.startsWith(`| ${runtime} `))
  return line === undefined
    ? []
    : line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
}
