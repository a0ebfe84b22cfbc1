/** Strips the moment that CI puts before each line. */
const MOMENT = /^\d{4}-\d\d-\d\dT[\d:.]+Z /
const MOST_LINES = 3

/** What a red CI job's log says of its first failing test, as `node --test` writes it: its name, its place, the error. */
export function failingTest(log: string | null): string[] {
  const lines = (log ?? '').split('\n').map((line) => line.replace(MOMENT, '').trim())
  const start = lines.findIndex((line) => /^✖ failing tests:$/.test(line))
  const summary = start === -1 ? lines : lines.slice(start + 1)
  const place = summary.find((line) => line.startsWith('test at '))
  const name = summary.find((line) => line.startsWith('✖ '))
  const error = summary.find((line) => /^\w*(Error|Exception)\b/.test(line))
  return [name, place, error].filter((line) => line !== undefined).slice(0, MOST_LINES)
}
