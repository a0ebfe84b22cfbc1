/** Every verb × every state of a run × everybody: who is heard, and what is answered. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Verb } from '../../src/commands/command.ts'
import { COMMANDS } from '../../src/commands/registry.ts'
import type { Run } from '../../src/pipeline/model.ts'
import type { Person } from '../../src/webhooks/intents.ts'
import { BY_MONA, queuedRun, story } from '../support/example-runs.ts'
import { type ControlStage, startControlStage } from './stage.ts'

let stage: ControlStage
beforeAll(async () => {
  stage = await startControlStage()
})
afterAll(() => stage.stop())

/** How each verb is written here. */
const WRITTEN: Record<Verb, string> = {
  run: 'run no-such-pipeline',
  review: 'review',
  fix: 'fix',
  explain: 'explain',
  status: 'status',
  cost: 'cost',
  repos: 'repos',
  approve: 'approve',
  changes: 'changes Smaller, please.',
  reject: 'reject',
  answer: 'answer Q1 Yes.',
  dismiss: 'dismiss Q1',
  retry: 'retry',
  restart: 'restart plan',
  skip: 'skip code',
  'extra-round': 'extra-round',
  proceed: 'proceed',
  merge: 'merge',
  revert: 'revert',
  pause: 'pause',
  resume: 'resume',
  stop: 'stop',
  help: 'help',
}

const STATES: Record<string, () => Run | undefined> = {
  'no run': () => undefined,
  queued: () => queuedRun(),
  working: () => story('coding').run,
  'to be approved': () => story('needs approval').run,
  'to be merged': () => story('asking for checks').checks(2, 'success').run,
  paused: () => story('coding').after(1, { type: 'command.pause', ...BY_MONA, why: '', cause: 'person' }).run,
  failed: () => story('coding').fail(1).run,
  stopped: () => story('coding').after(1, { type: 'command.stop', ...BY_MONA, why: '' }).run,
}

/** Who may at all: `read` and more, or `write` and more. Nothing here is for fewer than all who may write. */
const ANYBODY: readonly Verb[] = ['explain', 'status', 'cost', 'repos', 'help']
/** What is not for an App that the configuration lists: people decide. */
const PEOPLE_ONLY: readonly Verb[] = [
  'approve',
  'reject',
  'answer',
  'dismiss',
  'skip',
  'extra-round',
  'proceed',
  'merge',
  'revert',
  'resume',
]

/** What is done for whoever may, by state; everything else is refused with a reason. */
const ALWAYS: readonly Verb[] = ['explain', 'help']
const OF_A_RUN: readonly Verb[] = [...ALWAYS, 'status', 'cost', 'repos']
const DONE: Record<keyof typeof STATES, readonly Verb[]> = {
  'no run': ALWAYS,
  queued: [...OF_A_RUN, 'skip', 'stop'],
  working: [...OF_A_RUN, 'restart', 'skip', 'pause', 'stop'],
  'to be approved': [...OF_A_RUN, 'approve', 'changes', 'reject', 'restart', 'skip', 'pause', 'stop'],
  'to be merged': [...OF_A_RUN, 'changes', 'merge', 'restart', 'pause', 'stop'],
  paused: [...OF_A_RUN, 'pause', 'resume', 'stop'],
  failed: [...OF_A_RUN, 'retry', 'restart', 'skip', 'stop'],
  stopped: [...OF_A_RUN, 'stop'],
}

const LISTED: Person = { login: 'helper[bot]', id: 900_001, type: 'Bot' }
const SILENT: Record<string, Person> = {
  'a bot that is not listed': { login: 'stranger[bot]', id: 900_002, type: 'Bot' },
  'another App, by the name of one that is listed': { login: 'helper', id: 900_003, type: 'Bot' },
}
const MAY = { owner: 'ann', maintainer: 'mia', writer: 'wes' } as const
const MAY_READ = { triager: 'tia', reader: 'rex' } as const

describe.each(Object.keys(STATES))('[CMD-3] [CMD-4] a run that is %s', (state) => {
  const verbs = COMMANDS.map(({ verb }) => verb)
  const ask = async (verb: Verb, person: Person) => {
    const { number, run } = await stage.task(STATES[state]?.())
    const before = run === null ? null : await stage.read(run)
    const said = await stage.say(number, person, `/yard ${WRITTEN[verb]}`)
    const after = run === null ? null : await stage.read(run)
    return { ...said, changed: before?.status.state !== after?.status.state || before?.version !== after?.version }
  }

  test.each(Object.entries(MAY))('answers the %s', { timeout: 120_000 }, async (_who, login) => {
    const done: Verb[] = []
    for (const verb of verbs) {
      const { reaction, replies } = await ask(verb, stage.person(login))
      expect(reaction, `${verb} is answered`).not.toBeNull()
      if (reaction === 'rocket') done.push(verb)
      else expect(replies.join(), `${verb} is refused with words`).toMatch(new RegExp(`^@${login} .{20}`))
    }
    expect(done.toSorted()).toEqual([...(DONE[state] ?? [])].toSorted())
  })

  test.each(Object.entries(MAY_READ))('tells the %s, and does nothing for them', { timeout: 120_000 }, async (_who, login) => {
    for (const verb of verbs) {
      const { reaction, replies, changed } = await ask(verb, stage.person(login))
      expect(changed, verb).toBe(false)
      if (ANYBODY.includes(verb)) expect(reaction, verb).toBe(DONE[state]?.includes(verb) ? 'rocket' : 'confused')
      else {
        expect(reaction, verb).toBe('confused')
        expect(replies.join(), verb).toContain('The *write*, *maintain* or *admin* role may.')
      }
    }
  })

  test('refuses the outsider, whatever it is', { timeout: 120_000 }, async () => {
    for (const verb of verbs) {
      const { reaction, replies, changed } = await ask(verb, stage.person('eve'))
      expect([reaction, changed], verb).toEqual(['confused', false])
      expect(replies.join(), verb).toMatch(/ role may\.$/m)
    }
  })

  test('lets a listed bot do what is no decision, and does not hear any other', { timeout: 120_000 }, async () => {
    for (const verb of verbs) {
      const { reaction, replies } = await ask(verb, LISTED)
      if (PEOPLE_ONLY.includes(verb)) {
        expect(reaction, verb).toBe('confused')
        expect(replies.join(), verb).toContain('it is for people to decide, not for an App')
      } else expect(reaction, verb).toBe(DONE[state]?.includes(verb) ? 'rocket' : 'confused')
    }
    for (const [name, person] of Object.entries(SILENT)) {
      for (const verb of verbs) {
        const { reaction, replies, changed } = await ask(verb, person)
        expect([reaction, replies, changed], `${name}: ${verb}`).toEqual([null, [], false])
      }
    }
  })
})
