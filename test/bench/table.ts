/** The figures as a table for people. */
import type { Bench } from './bench.ts'
import type { Machine } from './machine.ts'
import { type Figure, isMet, type Row, ratioOf, type Target, type Unit } from './row.ts'

export function describe(machine: Machine): string {
  const { date, processor, cores, memoryGiB, node, git, postgres, redis, temporary, load } = machine
  const after = load.after === null ? '' : `, ${load.after} after`
  return [
    `${date} UTC, ${cores} cores (${processor}), ${memoryGiB} GiB, load ${load.before} before${after}`,
    `Node ${node}, git ${git}, Postgres ${postgres ?? 'not there'}, Redis ${redis ?? 'not there'}, temporary files on ${temporary}`,
  ].join('\n')
}

/** One bench's rows, under its title. */
export function tableOf({ title, against }: Pick<Bench, 'title' | 'against'>, rows: readonly Row[]): string {
  const lines = [['', 'ours', 'floor', 'ratio', 'target', ''], ...rows.map(cellsOf)]
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const body = lines.map((line) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : column === 5 ? cell : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
  return [title, `against ${against}`, ...body].join('\n')
}

/** What, ours, floor, ratio, target with its verdict, note. */
export function cellsOf(row: Row): string[] {
  if (row.kind !== 'figure') return [row.what, '', '', '', '', `${row.kind}: ${row.why}`]
  const { what, ours, floor, unit, target, note = '' } = row
  const ratio = ratioOf(row)
  return [
    what,
    amount(ours, unit),
    floor === null ? '' : amount(floor, unit),
    ratio === null ? '' : `${ratio.toFixed(2)}x`,
    target === undefined ? '' : `${boundOf(target, unit)} ${verdict(row)}`,
    note,
  ]
}

function verdict(figure: Figure): string {
  return isMet(figure) === true ? 'met' : 'MISSED'
}

function boundOf(target: Target, unit: Unit): string {
  switch (target.kind) {
    case 'ratio':
      return `≤ ${target.atMost}x`
    case 'at-most':
      return `≤ ${amount(target.value, unit)}`
    case 'at-least':
      return `≥ ${amount(target.value, unit)}`
  }
}

function amount(value: number, unit: Unit): string {
  const digits = unit === 'writes' || unit === 'per s' || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`
}
