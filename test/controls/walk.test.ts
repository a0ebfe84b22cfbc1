/** Every verb × every state of a run × everybody: who is heard, and what is answered. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askedOf } from '../../src/commands/asked-of.ts'
import { type Asker, authorise, type Permission } from '../../src/commands/authorise.ts'
import type { Verb } from '../../src/commands/command.ts'
import { parseCommands } from '../../src/commands/parse.ts'
import { COMMANDS } from '../../src/commands/registry.ts'
import { BUILT_IN_CONFIGURATION } from '../../src/config/defaults.ts'
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
  tell: 'tell Use Money.',
  reject: 'reject',
  answer: 'answer Q1 Yes.',
  dismiss: 'dismiss Q1',
  file: 'file F1',
  retry: 'retry',
  restart: 'restart plan',
  skip: 'skip code',
  'extra-round': 'extra-round',
  proceed: 'proceed',
  merge: 'merge',
  revert: 'revert',
  model: 'model coder some-model',
  budget: 'budget +5',
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
  'tell',
  'approve',
  'reject',
  'answer',
  'dismiss',
  'file',
  'skip',
  'extra-round',
  'proceed',
  'merge',
  'revert',
  'model',
  'budget',
  'resume',
]

/** What is done for whoever may, by state; everything else is refused with a reason. */
const ALWAYS: readonly Verb[] = ['explain', 'help']
const OF_A_RUN: readonly Verb[] = [...ALWAYS, 'status', 'cost', 'repos']
const DONE: Record<keyof typeof STATES, readonly Verb[]> = {
  'no run': ALWAYS,
  queued: [...OF_A_RUN, 'model', 'budget', 'skip', 'stop'],
  working: [...OF_A_RUN, 'model', 'budget', 'tell', 'restart', 'skip', 'pause', 'stop'],
  'to be approved': [...OF_A_RUN, 'model', 'budget', 'approve', 'changes', 'reject', 'restart', 'skip', 'pause', 'stop'],
  'to be merged': [...OF_A_RUN, 'model', 'budget', 'changes', 'merge', 'restart', 'pause', 'stop'],
  paused: [...OF_A_RUN, 'model', 'budget', 'pause', 'resume', 'stop'],
  failed: [...OF_A_RUN, 'model', 'budget', 'retry', 'restart', 'skip', 'stop'],
  stopped: [...OF_A_RUN, 'stop'],
}

const LISTED: Person = { login: 'helper[bot]', id: 900_001, type: 'Bot' }
const SILENT: Record<string, Person> = {
  'a bot that is not listed': { login: 'stranger[bot]', id: 900_002, type: 'Bot' },
  'another App, by the name of one that is listed': { login: 'helper', id: 900_003, type: 'Bot' },
}
const MAY = { owner: 'ann', maintainer: 'mia', writer: 'wes' } as const
const MAY_READ = { triager: 'tia', reader: 'rex' } as const

const VERBS = COMMANDS.map(({ verb }) => verb)
const MAY_NOT = 'The *write*, *maintain* or *admin* role may.'

/** Says one verb to a run in a state, on an issue of its own. */
async function ask(state: string, verb: Verb, person: Person) {
  const { number, run } = await stage.task(STATES[state]?.())
  const before = run === null ? null : await stage.read(run)
  const plan = before?.steps[0]?.output
  const hash = verb === 'approve' && plan?.kind === 'plan' ? ` ${plan.hash}` : ''
  const said = await stage.say(number, person, `/yard ${WRITTEN[verb]}${hash}`)
  const after = run === null ? null : await stage.read(run)
  return { ...said, changed: before?.version !== after?.version }
}

/** What the verb's answer must be for somebody, in a state: done, refused by the run, or refused for who it is. */
function expected(
  state: string,
  verb: Verb,
  who: 'may' | 'may read' | 'outsider' | 'listed bot',
): 'done' | 'refused' | 'may not' {
  const done = DONE[state]?.includes(verb) ? 'done' : 'refused'
  switch (who) {
    case 'may':
      return done
    case 'may read':
      return ANYBODY.includes(verb) ? done : 'may not'
    case 'outsider':
      return 'may not'
    case 'listed bot':
      return PEOPLE_ONLY.includes(verb) ? 'may not' : done
  }
}

test.each(Object.keys(STATES))(
  '[CMD-3] [CMD-4] %s: the owner gets an answer to every verb, and what can be done is done',
  { timeout: 120_000 },
  async (state) => {
    const done: Verb[] = []
    for (const verb of VERBS) {
      const { reaction, replies } = await ask(state, verb, stage.person('ann'))
      expect(reaction, `${verb} is answered`).not.toBeNull()
      if (reaction === 'rocket') done.push(verb)
      else expect(replies.join(), `${verb} is refused with words`).toMatch(/^@ann .{20}/)
    }
    expect(done.toSorted()).toEqual(VERBS.filter((verb) => expected(state, verb, 'may') === 'done').toSorted())
  },
)

describe('[CMD-3] [CMD-4] every verb, said to a plan that is to be approved, by', () => {
  const state = 'to be approved'
  const people = [
    ...Object.entries(MAY).map(([name, login]) => [name, login, 'may'] as const),
    ...Object.entries(MAY_READ).map(([name, login]) => [name, login, 'may read'] as const),
    ['outsider', 'eve', 'outsider'] as const,
    ['listed bot', LISTED, 'listed bot'] as const,
  ]
  test.each(people)('the %s', { timeout: 120_000 }, async (_name, who, as) => {
    for (const verb of VERBS) {
      const { reaction, replies, changed } = await ask(state, verb, typeof who === 'string' ? stage.person(who) : who)
      const want = expected(state, verb, as)
      expect(reaction, verb).toBe(want === 'done' ? 'rocket' : 'confused')
      if (want !== 'may not') continue
      expect(changed, verb).toBe(false)
      if (as === 'may read') expect(replies.join(), verb).toContain(MAY_NOT)
      else if (as === 'outsider') expect(replies.join(), verb).toMatch(/ role may\.$/m)
      else expect(replies.join(), verb).toContain('it is for people to decide, not for an App')
    }
  })

  test.each(Object.entries(SILENT))('%s: it is not heard', async (_name, person) => {
    for (const verb of VERBS) {
      const { reaction, replies, changed } = await ask(state, verb, person)
      expect([reaction, replies, changed], verb).toEqual([null, [], false])
    }
  })
})

test('[CMD-3] every verb × every state × everybody: who may is decided as the table says', () => {
  const rules = BUILT_IN_CONFIGURATION
  const asker = (permission: Permission): Asker => ({ permission, login: 'x', isBot: false, isRequester: false })
  const people: [as: Parameters<typeof expected>[2] | 'unheard', Asker][] = [
    ['may', asker('admin')],
    ['may', asker('maintain')],
    ['may', asker('write')],
    ['may read', asker('triage')],
    ['may read', asker('read')],
    ['outsider', asker('none')],
    ['outsider', asker('error')],
    ['listed bot', { ...asker('none'), login: LISTED.login, isBot: true }],
    ...Object.values(SILENT).map(({ login }) => ['unheard', { ...asker('admin'), login, isBot: true }] as const),
  ].map(([as, who]) => [as, who] as [Parameters<typeof expected>[2] | 'unheard', Asker])
  for (const [state, make] of Object.entries(STATES)) {
    const run = make() ?? null
    for (const definition of COMMANDS) {
      const [parsed] = parseCommands(`/yard ${WRITTEN[definition.verb]}`, '/yard')
      if (parsed?.ok !== true) throw new Error(`${definition.verb} is not written well`)
      for (const [as, who] of people) {
        const may = authorise(askedOf(definition, parsed.command, run), who, { ...rules, bots: [LISTED.login] })
        const want = as !== 'unheard' && expected(state, definition.verb, as) !== 'may not'
        expect(may.allowed, `${state}: ${definition.verb} by ${who.permission} ${who.login}`).toBe(want)
        if (!may.allowed) expect(may.who).toMatch(/may\.$/)
      }
    }
  }
})
