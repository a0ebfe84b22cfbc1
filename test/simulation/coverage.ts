import type { RunEvent } from '../../src/pipeline/events.ts'
import type { Run } from '../../src/pipeline/model.ts'
import { changedLegs, currentWait, openLegs } from '../../src/pipeline/state.ts'
import type { Decision } from '../../src/pipeline/turn.ts'

/** What is worth knowing that it was reached, by name. */
export function reached(before: Run, event: RunEvent, { run, effects, facts }: Decision): string[] {
  const wait = currentWait(run)
  const kind = before.steps.find(({ status }) => status.state === 'active')?.kind
  const rewound = facts.some(({ what }) => what === 'step.rewound')
  const partial = openLegs(run).length > 0 && openLegs(run).length < changedLegs(run).length
  const over = run.status.state === 'failed' || run.status.state === 'stopped'
  const answer = effects.find((effect) => effect.kind === 'answer')
  const here: [string, boolean][] = [
    ['companion: rework', rewound && kind === 'companion' && event.type === 'job.finished'],
    ['companion: cap reached', wait?.for === 'person' && wait.what === 'cap' && event.type === 'job.finished'],
    ['ci: fixer sent', effects.some((effect) => effect.kind === 'enqueue-job' && effect.evidence !== null)],
    ['ci: stuck, a person is asked', wait?.for === 'person' && wait.what === 'evidence' && event.type === 'checks.reported'],
    ['plan: sent back', rewound && kind === 'plan'],
    ['merge: a new head goes back', rewound && kind === 'merge' && !('actor' in event)],
    ['merge: a new head goes back between two merges', rewound && event.type === 'pull.merged'],
    ['merge: ended with a part merged', partial && over && before.status.state !== run.status.state],
    ['merge: on again after a part was merged', partial && event.type === 'command.retry' && run.status.state === 'active'],
    [
      'stop: while a merge was under way',
      kind === 'merge' && event.type === 'command.stop' && currentWait(before)?.for === 'effect',
    ],
    ['stop: merged all the same', event.type === 'pull.merged' && before.status.state === 'stopped'],
    [`command ${answer?.result}`, answer !== undefined],
  ]
  return here.filter(([, is]) => is).map(([what]) => what)
}
