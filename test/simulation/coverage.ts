/** What is worth knowing that it was reached, by name; `expected.ts` says what every run of the tests has to reach. */
import type { RunEvent } from '../../src/pipeline/events.ts'
import type { Run, Step, Wait } from '../../src/pipeline/model.ts'
import { changedLegs, currentWait, openLegs } from '../../src/pipeline/state.ts'
import type { Decision } from '../../src/pipeline/turn.ts'

/** What this decision reached. */
export function reached(before: Run, event: RunEvent, decision: Decision): string[] {
  const wait = currentWait(decision.run)
  const fresh = wait !== null && wait !== currentWait(before)
  const kind = heldStep(before)?.kind ?? 'none'
  return [
    ...(fresh ? [`waits for ${waitName(wait)}`, ...personAsked(decision.run, wait)] : []),
    ...decision.facts.flatMap((fact) => factName(before, decision.run, fact, event)),
    ...effectNames(decision),
    ...('actor' in event ? commandNames(before, event, decision) : []),
    ...special(before, event, decision, kind),
  ]
}

function heldStep({ steps }: Run): Step | undefined {
  return steps.find(({ status }) => status.state === 'active')
}

function kindOf({ steps }: Run, id: string | undefined): string {
  return steps.find((step) => step.id === id)?.kind ?? 'none'
}

function waitName(wait: Wait): string {
  return 'what' in wait ? `${wait.for}: ${wait.what}` : wait.for
}

function personAsked(run: Run, wait: Wait): string[] {
  return wait.for === 'person' ? [`${heldStep(run)?.kind}: a person is asked, ${wait.what}`] : []
}

function factName(before: Run, after: Run, { what, step, text }: Decision['facts'][number], event: RunEvent): string[] {
  const kind = kindOf(after, step)
  switch (what) {
    case 'step.entered':
      return [`entered ${kind}`, ...(text === 'began' ? [] : [`entered ${text.slice('began again ('.length, -1)}`])]
    case 'step.done':
      return [`done ${kind}`]
    case 'step.failed':
      return [`failed ${kind}`]
    case 'step.rewound':
      return 'actor' in event ? [`${kind}: sent back by a person`] : [`${kind}: sent back`]
    case 'step.retries': {
      const wait = currentWait(after)
      return wait?.for === 'retry'
        ? [`retries after ${wait.failure.cause}`, `retries in a session that is ${wait.session}`]
        : []
    }
    case 'step.skipped': {
      if (event.type !== 'command.skip') return [`passed over ${kind}`]
      return [`skipped a step that was ${before.steps.find(({ id }) => id === step)?.status.state}`]
    }
    case 'step.noted':
      return NOTES.flatMap(([words, name]) => (text.includes(words) ? [name] : []))
    case 'run.paused':
      return pausedNames(before, after)
    case 'run.resumed':
      return before.status.state === 'paused' && before.status.cause === 'budget' ? [`went on by money: ${event.type}`] : []
    case 'wait.escalated':
    case 'budget.near':
    case 'decision.asked':
    case 'decision.made':
    case 'leg.dropped':
    case 'leg.moved':
    case 'reverts.opened':
      return [what]
    default:
      return []
  }
}

/** Notes that tell what cannot be told otherwise, by some of their words. */
const NOTES: readonly (readonly [string, string])[] = [
  ['thrown out of the merge queue', 'merge: thrown out of the queue'],
  ['the merge policy allows it', 'merge: the policy allows it'],
  ['a person has to merge', 'merge: the policy asks a person'],
  ['auto-merge could not be switched on', 'merge: auto-merge refused'],
  ['the review changed', 'merge: a remark goes back'],
  ['conflicts with', 'merge: a conflict goes back'],
  ['tested again', 'test: somebody pushed meanwhile'],
  ['the commands run again', 'validate: somebody pushed meanwhile'],
  ['already red on the base branch', 'ci: red on the base branch'],
  ['The plan was refused', 'plan: refused'],
]

function pausedNames(before: Run, { status }: Run): string[] {
  const cause = status.state === 'paused' ? status.cause : 'none'
  const wait = currentWait(before)
  const call = wait?.for === 'effect' && wait.effect.endsWith('-merge')
  return [`paused: ${cause}`, `paused under ${call ? 'a merge' : (wait?.for ?? 'none')}`]
}

function effectNames({ run, effects }: Decision): string[] {
  return effects.flatMap((effect) => {
    switch (effect.kind) {
      case 'enqueue-job':
        return effect.evidence === null
          ? []
          : [`${kindOf(run, effect.step)}: ${effect.mode === 'code' ? 'fixer' : 'agent'} sent`]
      case 'show':
      case 'answer':
        return []
      default:
        return [`asked for ${effect.kind}`]
    }
  })
}

function commandNames(before: Run, event: RunEvent, { effects }: Decision): string[] {
  const answer = effects.find((effect) => effect.kind === 'answer')
  const verb = event.type.slice('command.'.length)
  const wait = currentWait(before)
  const done = answer?.result === 'done'
  const asked = done && wait?.for === 'person' ? [`${verb} at ${heldStep(before)?.kind}: ${wait.what}`] : []
  return [`command ${verb} ${answer?.result}`, ...asked]
}

function special(before: Run, event: RunEvent, { run, facts }: Decision, kind: string): string[] {
  const rewound = facts.some(({ what }) => what === 'step.rewound')
  const partial = openLegs(run).length > 0 && openLegs(run).length < changedLegs(run).length
  const over = run.status.state === 'failed' || run.status.state === 'stopped'
  const done = facts.flatMap(({ what, step }) => (what === 'step.done' ? run.steps.filter(({ id }) => id === step) : []))
  const here: [string, boolean][] = [
    ['held work approved by its hash', run.allowed?.length !== before.allowed?.length],
    ['merge: a new head goes back', rewound && kind === 'merge' && !('actor' in event)],
    ['merge: a new head goes back between two merges', rewound && event.type === 'pull.merged'],
    ['merge: in the queue', event.type === 'merge.queued' && event.by === 'queue'],
    ['merge: auto-merge on', event.type === 'merge.queued' && event.by === 'auto-merge'],
    ['merge: ended with a part merged', partial && over && before.status.state !== run.status.state],
    ['merge: on again after a part was merged', partial && event.type === 'command.retry' && run.status.state === 'active'],
    [
      'stop: while a merge was under way',
      kind === 'merge' && event.type === 'command.stop' && currentWait(before)?.for === 'effect',
    ],
    ['stop: merged all the same', event.type === 'pull.merged' && before.status.state === 'stopped'],
  ]
  const health = done.flatMap(({ output }) => (output?.kind === 'release' ? [`release: ${output.health}`] : []))
  const accepted = done.some(({ output }) => output?.kind === 'ci' && output.accepted.length > 0)
  return [
    ...here.flatMap(([what, is]) => (is ? [what] : [])),
    ...health,
    ...(accepted ? ['ci: red on the base, accepted'] : []),
  ]
}
