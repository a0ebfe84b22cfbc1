/** 6: money is added by people only, as they said it, and never past what the deployment lets a run have; who has none begins nothing. */
import { type Fault, type Rule, wasDone } from './rule.ts'

const CENT = 0.005

export const money: Rule = ({ before, event, decision }) => {
  const { run, effects } = decision
  const faults: string[] = []
  const [was, is] = [before.budget?.addedUsd ?? 0, run.budget?.addedUsd ?? 0]
  const said = event.type === 'command.budget' && wasDone(decision) ? event.addUsd : 0
  if (Math.abs(is - was - said) > CENT) faults.push(`${is - was} USD were added, and ${said} said`)
  const { run: limit, runCeiling } = run.settings.budgets
  if (limit !== undefined && runCeiling !== undefined && is > was && limit + is > runCeiling + CENT)
    faults.push(`${limit + is} USD is more than a run may have`)
  const heldFor = (status: typeof run.status) => status.state === 'paused' && status.cause === 'budget'
  if (heldFor(run.status) && !heldFor(before.status) && event.type !== 'budget.reached' && event.type !== 'job.finished')
    faults.push(`held for its budget at ${event.type}`)
  if (heldFor(run.status) && effects.some(({ kind }) => kind === 'enqueue-job')) faults.push('a job is begun without money')
  return faults.map((message): Fault => ({ invariant: '6', message }))
}
