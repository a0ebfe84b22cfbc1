/** `/yard cost`: what a run has used so far. What an agent did not tell is said to be unknown, never zero. */
import type { Usage } from '../contract/job.ts'
import { formatUsd, tokensOf } from './money.ts'
import { safeLine } from './safe-text.ts'

const NAME_MAX_CHARS = 100

/** What one job used; `usage` is null where its runner told nothing. */
interface JobUsage {
  step: string
  role: string
  usage: Usage | null
  ended: boolean
}

interface Row {
  step: string
  role: string
  jobs: number
  /** Jobs that still work. */
  working: number
  tokens: number
  usd: number
  /** Ended jobs that told no tokens, or no money. */
  withoutTokens: number
  withoutUsd: number
}

/** Markdown: a line for the whole, and a table by step and role. */
export function costAnswer(jobs: readonly JobUsage[]): string {
  if (jobs.length === 0) return 'No agent has worked for this run yet, so it has used nothing.'
  const rows = rowsOf(jobs)
  const all = rows.reduce(plus)
  return [
    `So far **${money(all)}** and **${tokens(all)}**, in ${all.jobs === 1 ? '1 job' : `${all.jobs} jobs`}.`,
    '',
    '| Step | Role | Jobs | Tokens | Cost |',
    '|---|---|---:|---:|---:|',
    ...rows.map((row) => {
      const count = row.working === 0 ? `${row.jobs}` : `${row.jobs}, ${row.working} at work`
      return `| ${cell(row.step)} | ${cell(row.role)} | ${count} | ${tokens(row)} | ${money(row)} |`
    }),
  ].join('\n')
}

function rowsOf(jobs: readonly JobUsage[]): [Row, ...Row[]] {
  const rows = new Map<string, Row>()
  for (const { step, role, usage, ended } of jobs) {
    const told = usage === null ? null : tokensOf(usage)
    const row: Row = {
      step,
      role,
      jobs: 1,
      working: ended ? 0 : 1,
      tokens: told ?? 0,
      usd: usage?.costUsd ?? 0,
      withoutTokens: ended && told === null ? 1 : 0,
      withoutUsd: ended && usage?.costUsd === undefined ? 1 : 0,
    }
    const key = `${step} ${role}`
    const before = rows.get(key)
    rows.set(key, before === undefined ? row : plus(before, row))
  }
  const [first, ...others] = rows.values()
  if (first === undefined) throw new Error('no job, no row')
  return [first, ...others]
}

function plus(a: Row, b: Row): Row {
  return {
    step: a.step,
    role: a.role,
    jobs: a.jobs + b.jobs,
    working: a.working + b.working,
    tokens: a.tokens + b.tokens,
    usd: a.usd + b.usd,
    withoutTokens: a.withoutTokens + b.withoutTokens,
    withoutUsd: a.withoutUsd + b.withoutUsd,
  }
}

function tokens({ tokens: number, withoutTokens, jobs, working }: Row): string {
  return amount(`${number.toLocaleString('en-US')} tokens`, 'tokens unknown', withoutTokens, jobs - working)
}

function money({ usd, withoutUsd, jobs, working }: Row): string {
  return amount(formatUsd(usd), 'cost unknown', withoutUsd, jobs - working)
}

/** Nothing is known where no job told, and it is "at least" where some did not. */
function amount(known: string, unknown: string, silent: number, ended: number): string {
  if (ended === 0) return 'not told yet'
  if (silent === ended) return unknown
  return silent === 0 ? known : `at least ${known}`
}

function cell(text: string): string {
  return safeLine(text, NAME_MAX_CHARS)
}
