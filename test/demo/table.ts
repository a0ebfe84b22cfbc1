import type { Colours } from './screen.ts'

/** Rows in columns as wide as they need, two blanks apart; the head is dimmed. Numbers stand at the right of their column. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], colours: Colours): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const right = head.map((_, column) => rows.length > 0 && rows.every((row) => /^[\d.,]+( s)?$|^$/.test(row[column] ?? '')))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (right[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  return [colours.dim(`  ${line(head)}`), ...rows.map((row) => `  ${line(row)}`)].join('\n')
}
