import { formatTotal, formatUsd, totalCost, totalTokens } from './money.ts'
import type { StatusInput } from './status-input.ts'

/** The small print: what it cost, which run, where to look, how to steer. */
export function footerOf({ run, dashboardUrl }: StatusInput): string[] {
  const cost = formatTotal(totalCost(run.steps), 'cost', formatUsd)
  const tokens = formatTotal(totalTokens(run.steps), 'tokens', (value) => `${value.toLocaleString('en-US')} tokens`)
  return [
    ...(cost === null ? [] : [cost]),
    ...(tokens === null ? [] : [tokens]),
    `run \`${run.id}\``,
    ...(dashboardUrl === null ? [] : [`[dashboard](${dashboardUrl})`]),
    `\`${run.settings.prefix} help\``,
  ]
}
