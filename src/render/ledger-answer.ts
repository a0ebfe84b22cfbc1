/** What a run's calls of models cost, by step, role and model (SPD-1), and what of its budget is left. */
import type { CallUsage } from '../contract/model-call.ts'
import type { Run } from '../pipeline/model.ts'
import { count, formatUsd } from './money.ts'
import { safeLine } from './safe-text.ts'

const NAME_MAX_CHARS = 100

/** Calls of one kind, as the ledger has them. */
export interface LedgerRow {
  readonly step: string
  readonly role: string
  readonly model: string
  readonly calls: number
  readonly open: number
  readonly unmetered: number
  readonly estimated: number
  readonly usage: CallUsage
  readonly costUsd: number | null
}

/** Markdown: a line for the whole, a table, and what the numbers do not say. */
export function ledgerAnswer(rows: readonly LedgerRow[], run: Run): string {
  const calls = rows.reduce((sum, row) => sum + row.calls, 0)
  const tokens = rows.reduce((sum, row) => sum + tokensIn(row), 0)
  return [
    `So far **${money(rows)}** and **${count(tokens, 'token')}**, in ${count(calls, 'call')} of models. ${left(run, rows)}`.trimEnd(),
    '',
    '| Step | Role | Model | Calls | Tokens | Cost |',
    '|---|---|---|---:|---:|---:|',
    ...rows.map((row) => {
      const open = row.open === 0 ? '' : `, ${row.open} under way`
      const cells = [
        cell(row.step),
        cell(row.role),
        cell(row.model),
        `${row.calls}${open}`,
        tokensIn(row).toLocaleString('en-US'),
      ]
      return `| ${cells.join(' | ')} | ${money([row])} |`
    }),
    ...notes(rows),
  ].join('\n')
}

/** What the run has, and what is left of it; empty where it has no budget. */
function left({ settings, budget }: Run, rows: readonly LedgerRow[]): string {
  const limit = settings.budgets.run
  if (limit === undefined) return ''
  const has = limit + (budget?.addedUsd ?? 0)
  const rest = Math.max(has - spentUsd(rows), 0)
  return `The run may spend ${formatUsd(has)}; ${formatUsd(rest)} is left.`
}

function notes(rows: readonly LedgerRow[]): string[] {
  const sum = (read: (row: LedgerRow) => number) => rows.reduce((total, row) => total + read(row), 0)
  const [unmetered, estimated] = [sum((row) => row.unmetered), sum((row) => row.estimated)]
  const said = [
    ...(unmetered === 0
      ? []
      : [`${count(unmetered, 'call')} went to a model without a known price and counted for no budget.`]),
    ...(estimated === 0
      ? []
      : [`${count(estimated, 'call')} ended without the vendor’s last word; the cost is the most that it can have been.`]),
  ]
  return said.length === 0 ? [] : ['', said.join(' ')]
}

function spentUsd(rows: readonly LedgerRow[]): number {
  return rows.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0)
}

/** What is not metered is said to be so, never zero. */
function money(rows: readonly LedgerRow[]): string {
  const known = rows.filter(({ costUsd }) => costUsd !== null)
  const silent = rows.some(({ unmetered }) => unmetered > 0)
  if (known.length === 0) return silent ? 'not metered' : 'not told yet'
  const usd = formatUsd(spentUsd(rows))
  return silent ? `at least ${usd}` : usd
}

function tokensIn({ usage }: LedgerRow): number {
  const { inputTokens = 0, outputTokens = 0, cacheReadTokens = 0, cacheWriteTokens = 0 } = usage
  return inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens
}

function cell(text: string): string {
  return safeLine(text, NAME_MAX_CHARS)
}
