import type { Instant, Run } from '../pipeline/model.ts'
import { formatDuration } from './duration.ts'
import { count, formatTotal, formatUsd, totalCost } from './money.ts'

/** What a finished run took, in one sentence: time, rounds, money. */
export function runSummary(run: Run, now: Instant): string {
  const outputs = run.steps.flatMap((step) => (step.output === null ? [] : [step.output]))
  const reworks = outputs.reduce((sum, output) => sum + (output.kind === 'companion' ? output.reworks : 0), 0)
  const fixes = outputs.reduce((sum, output) => sum + (output.kind === 'ci' ? output.fixes : 0), 0)
  const parts = [
    formatDuration((run.endedAt ?? now) - run.createdAt),
    reworks === 0 ? null : `${count(reworks, 'rework')} asked for by the review`,
    fixes === 0 ? null : fixes === 1 ? '1 fix for red checks' : `${fixes} fixes for red checks`,
    formatTotal(totalCost(run.steps), 'cost', formatUsd),
  ]
  return `It took ${parts.filter((part) => part !== null).join(', ')}.`
}
