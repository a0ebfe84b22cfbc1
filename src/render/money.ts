import type { Usage } from '../contract/job.ts'
import type { Step } from '../pipeline/model.ts'

/** Step kinds whose work is paid for by the token. */
const AGENT_KINDS = ['plan', 'agent', 'companion', 'estimate', 'questions', 'investigate', 'document', 'parallel', 'test']

/** An amount in USD: `$0.31`, `< $0.01`, `$1,204.00`. */
export function formatUsd(usd: number): string {
  if (usd > 0 && usd < 0.005) return '< $0.01'
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`
}

/** A count with its unit: `81,204 tokens`, `1 file`. */
export function count(number: number, unit: string): string {
  return `${number.toLocaleString('en-US')} ${unit}${number === 1 ? '' : 's'}`
}

/** Tokens of a usage, cached ones included; null where nothing was told. */
export function tokensOf(usage: Usage): number | null {
  const parts = [usage.inputTokens, usage.outputTokens, usage.cacheReadTokens].filter((part) => part !== undefined)
  return parts.length === 0 ? null : parts.reduce((sum, part) => sum + part, 0)
}

/** What was told of a run's cost and tokens. `complete` is false when some agent's work told nothing: then it is "at least". */
export interface Total {
  value: number | null
  complete: boolean
}

/** The run's cost in USD. */
export function totalCost(steps: readonly Step[]): Total {
  return total(steps, (usage) => usage.costUsd ?? null)
}

/** The run's tokens. */
export function totalTokens(steps: readonly Step[]): Total {
  return total(steps, tokensOf)
}

function total(steps: readonly Step[], read: (usage: Usage) => number | null): Total {
  const ended = steps.filter(
    (step) => step.epoch > 0 && (AGENT_KINDS.includes(step.kind) || Object.keys(step.usage).length > 0),
  )
  const known = ended.map((step) => read(step.usage)).filter((value) => value !== null)
  const silent = ended.filter((step) => step.status.state !== 'active' && read(step.usage) === null)
  return {
    value: known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0),
    complete: silent.length === 0,
  }
}

/** A total in words; what is not known is said to be unknown, never zero. Null while no agent has worked. */
export function formatTotal(of: Total, what: string, format: (value: number) => string): string | null {
  if (of.value === null) return of.complete ? null : `${what} unknown`
  return of.complete ? format(of.value) : `at least ${format(of.value)}`
}

/** `1 repository`, `2 repositories`. */
export function countRepositories(number: number): string {
  return number === 1 ? '1 repository' : `${number} repositories`
}
