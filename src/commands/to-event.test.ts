import { expect, test } from 'vitest'
import { StepId } from '../contract/ids.ts'
import { RunEvent } from '../pipeline/events.ts'
import { help, noRun, refusal } from './answers.ts'
import type { Command, Verb } from './command.ts'
import { VERBS } from './registry.ts'
import { toEvent } from './to-event.ts'

const actor = { login: 'mona', id: 7 }
const trigger = { kind: 'comment', commentId: 9, index: 0 } as const
const EXAMPLES: Record<Verb, Command> = {
  run: { verb: 'run', pipeline: null },
  review: { verb: 'review' },
  fix: { verb: 'fix' },
  status: { verb: 'status' },
  explain: { verb: 'explain', pipeline: null },
  cost: { verb: 'cost' },
  repos: { verb: 'repos' },
  approve: { verb: 'approve', hash: '7f3a9c1', text: null },
  changes: { verb: 'changes', text: 'x' },
  tell: { verb: 'tell', text: 'x' },
  reject: { verb: 'reject', why: '' },
  retry: { verb: 'retry' },
  restart: { verb: 'restart', step: StepId.parse('code') },
  stop: { verb: 'stop', why: '' },
  merge: { verb: 'merge' },
  'extra-round': { verb: 'extra-round' },
  proceed: { verb: 'proceed' },
  pause: { verb: 'pause', why: '' },
  resume: { verb: 'resume' },
  skip: { verb: 'skip', step: StepId.parse('review'), why: '' },
  answer: { verb: 'answer', id: 'Q1', text: 'yes' },
  dismiss: { verb: 'dismiss', id: 'Q1' },
  file: { verb: 'file', id: 'F2' },
  model: { verb: 'model', role: 'coder', model: 'big' },
  budget: { verb: 'budget', addUsd: 5 },
  revert: { verb: 'revert' },
  help: { verb: 'help', about: null },
}

test('every command that addresses a run becomes its event, with who and where', () => {
  for (const verb of VERBS) {
    const event = toEvent(EXAMPLES[verb], actor, trigger)
    if (['run', 'review', 'fix', 'status', 'explain', 'cost', 'repos', 'help'].includes(verb)) expect(event, verb).toBeNull()
    else {
      const type = verb === 'dismiss' ? 'command.answer' : `command.${verb}`
      expect(RunEvent.parse(event)).toMatchObject({ type, actor, trigger })
    }
  }
})

test('help lists every command, or explains one', () => {
  for (const verb of VERBS) expect(help('/yard', null)).toContain(`/yard ${verb}`)
  expect(help('!sy', 'Restart')).toBe('`!sy restart <step>`: Begins again at a step; the ones after it are done again too.')
  expect(help('/yard', 'restrat')).toBe('There is no command `restrat`; did you mean `restart`, `retry` or `revert`?')
})

test('what was asked cannot break out of its quotation', () => {
  const text = refusal({ login: 'mona', asked: '/yard `x` @all', ...noRun('/yard', 'switchyard') })
  expect(text).toBe(
    "@mona `/yard 'x' @all` was not done: no run is live here.\nStart one with the label `switchyard` or with `/yard run` on the issue.",
  )
})
