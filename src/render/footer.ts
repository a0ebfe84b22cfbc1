import { formatTotal, formatUsd, totalCost, totalTokens } from './money.ts'
import type { StatusInput } from './status-input.ts'

/** What the run may spend, where that is limited; people add to it. */
function ofBudget({ settings, budget }: StatusInput['run']): string {
  const limit = settings.budgets.run
  return limit === undefined ? '' : ` of ${formatUsd(limit + (budget?.addedUsd ?? 0))}`
}

/** The small print: what it cost, which run, where to look, how to steer. */
export function footerOf({ run, dashboardUrl, metered }: StatusInput): string[] {
  const cost = formatTotal(totalCost(run.steps), 'cost', formatUsd)
  const tokens = formatTotal(totalTokens(run.steps), 'tokens', (value) => `${value.toLocaleString('en-US')} tokens`)
  return [
    ...(cost === null ? [] : [`${cost}${metered ? ofBudget(run) : ''}`]),
    ...(tokens === null ? [] : [tokens]),
    `run \`${run.id}\``,
    ...(dashboardUrl === null ? [] : [`[dashboard](${dashboardUrl})`]),
    `\`${run.settings.prefix} help\``,
  ]
}
