/** 6: rounds counted from what was asked for, and not believed from the steps' own state. */
import { DEFAULT_RERUNS } from '../../../../src/pipeline/steps/ci-data.ts'
import { DEFAULT_REWORKS } from '../../../../src/pipeline/steps/companion.ts'
import { MAX_REFUSALS } from '../../../../src/pipeline/steps/plan.ts'
import { DEFAULT_ROUNDS } from '../../../../src/pipeline/steps/questions.ts'
import { DEFAULT_VALIDATE_ATTEMPTS } from '../../../../src/pipeline/steps/validate-data.ts'
import { heldStep, heldWait, type Rule, restarted, wasDone } from './rule.ts'

interface Rounds {
  /** Sent back by the step itself. */
  back: number
  /** Asked people for answers. */
  asked: number
  /** Granted by people. */
  extra: number
  /** Re-runs by head. */
  reruns: Map<string, number>
}

/** How often a step of this kind may send back by itself: its option, else what it has by default. */
const BACK: Readonly<Record<string, readonly [option: string, most: number]>> = {
  companion: ['reworks', DEFAULT_REWORKS],
  validate: ['attempts', DEFAULT_VALIDATE_ATTEMPTS],
  plan: ['', MAX_REFUSALS],
}

/** Counts by step; a restart begins anew, and a plan that failed has its corrections again. */
export function rounds(): Rule {
  const counts = new Map<string, Rounds>()
  const of = (step: string): Rounds => {
    const found = counts.get(step) ?? { back: 0, asked: 0, extra: 0, reruns: new Map() }
    counts.set(step, found)
    return found
  }
  return (seen) => {
    const { before, event, decision } = seen
    const faults: string[] = []
    for (const step of restarted(seen)) counts.delete(step)
    const held = heldStep(before)
    const byPerson = 'actor' in event
    if (held !== undefined && (event.type === 'command.extra-round' || event.type === 'command.changes') && wasDone(decision))
      of(held.id).extra += 1
    for (const { what, step: id } of decision.facts) {
      const step = decision.run.steps.find((each) => each.id === id)
      if (step === undefined) continue
      if (step.kind === 'plan' && ['step.done', 'step.failed', 'step.retries'].includes(what)) counts.delete(step.id)
      const budget = BACK[step.kind]
      if (what !== 'step.rewound' || byPerson || budget === undefined) continue
      const round = of(step.id)
      round.back += 1
      const most = Number(step.config[budget[0]] ?? budget[1]) + round.extra
      if (round.back > most) faults.push(`${step.id} sent back ${round.back} times of ${most}`)
    }
    const [wait, asks] = [heldWait(decision.run), heldStep(decision.run)]
    if (asks?.kind === 'questions' && wait?.for === 'person' && wait.what === 'answers' && event.type === 'job.finished') {
      const round = of(asks.id)
      round.asked += 1
      const most = Number(asks.config.rounds ?? DEFAULT_ROUNDS) + round.extra
      if (round.asked > most) faults.push(`${asks.id} asked ${round.asked} times of ${most}`)
    }
    for (const effect of decision.effects) {
      if (effect.kind !== 'rerun-checks' || asks === undefined) continue
      const { reruns } = of(asks.id)
      for (const { head } of effect.legs) {
        reruns.set(head, (reruns.get(head) ?? 0) + 1)
        const most = Number(asks.config.reruns ?? DEFAULT_RERUNS)
        if ((reruns.get(head) ?? 0) > most) faults.push(`the checks of ${head} run again ${reruns.get(head)} times of ${most}`)
      }
    }
    return faults.map((message) => ({ invariant: '6', message }))
  }
}
