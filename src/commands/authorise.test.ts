import { describe, expect, test } from 'vitest'
import { BUILT_IN_CONFIGURATION } from '../config/defaults.ts'
import { refusal } from './answers.ts'
import { type Asked, type Asker, authorise, type Permission, teamsToAsk } from './authorise.ts'
import type { Verb } from './command.ts'
import { COMMANDS, commandOf } from './registry.ts'

const rules = BUILT_IN_CONFIGURATION
const asker = (permission: Permission, more: Partial<Asker> = {}): Asker => ({
  permission,
  login: 'mona',
  isBot: false,
  isRequester: false,
  ...more,
})
function asked(verb: Verb): Asked {
  const command = commandOf(verb)
  if (command === undefined) throw new Error(`no command ${verb}`)
  return command
}
const STEERING = COMMANDS.filter(({ who }) => who !== 'everyone')

describe('who may', () => {
  test('[CMD-3] exactly write, maintain and admin may steer; every other answer of GitHub, and an error, means no', () => {
    for (const command of [...STEERING, 'label' as const]) {
      for (const permission of ['write', 'maintain', 'admin'] as const) {
        expect(authorise(command, asker(permission), rules)).toEqual({ allowed: true })
      }
      for (const permission of ['triage', 'read', 'none', 'error'] as const) {
        expect(authorise(command, asker(permission), rules).allowed).toBe(false)
      }
    }
  })

  test('[CMD-3] triage may start by label where the configuration says so, and by label only', () => {
    const open = { ...rules, start: { people: [], permissions: ['triage', 'write', 'maintain', 'admin'] as const } }
    const settings = { ...open, start: { people: [], permissions: [...open.start.permissions] } }
    expect(authorise('label', asker('triage'), settings)).toEqual({ allowed: true })
    for (const command of STEERING) expect(authorise(command, asker('triage'), settings).allowed).toBe(false)
  })

  test('status and help are for anybody who can read, and not where GitHub cannot say', () => {
    for (const verb of ['status', 'help'] as const) {
      expect(authorise(asked(verb), asker('read'), rules).allowed).toBe(true)
      expect(authorise(asked(verb), asker('none'), rules).allowed).toBe(false)
      expect(authorise(asked(verb), asker('error'), rules).allowed).toBe(false)
    }
  })

  test('[CMD-3] approving may demand more: a higher role, and not the requester', () => {
    const strict = { ...rules, approve: { permissions: ['admin' as const], people: [], codeOwners: false, notRequester: true } }
    expect(authorise(asked('approve'), asker('write'), strict).allowed).toBe(false)
    expect(authorise(asked('approve'), asker('admin'), strict).allowed).toBe(true)
    expect(authorise(asked('approve'), asker('admin', { isRequester: true }), strict)).toEqual({
      allowed: false,
      why: 'who started a run cannot approve it here (`approve.notRequester`)',
      who: 'Somebody else with the *admin* role may.',
    })
    expect(authorise(asked('reject'), asker('admin', { isRequester: true }), strict).allowed).toBe(true)
  })

  test('[CMD-3] [CFG-3] approving may be for people by name, who need a role all the same', () => {
    const listed = {
      ...rules,
      approve: { permissions: ['write' as const], people: ['Grace', 'ada'], codeOwners: false, notRequester: false },
    }
    expect(authorise(asked('approve'), { ...asker('write'), login: 'grace' }, listed).allowed).toBe(true)
    expect(authorise(asked('approve'), { ...asker('read'), login: 'grace' }, listed).allowed).toBe(false)
    for (const verb of ['approve', 'reject'] as const) {
      expect(authorise(asked(verb), { ...asker('write'), login: 'mallory' }, listed)).toEqual({
        allowed: false,
        why: 'approving is for those whom `approve.people` lists here, and you are not among them',
        who: expect.stringContaining('*Grace* or *ada*'),
      })
    }
    expect(authorise(asked('retry'), { ...asker('write'), login: 'mallory' }, listed).allowed).toBe(true)
  })

  test('[CMD-3] [CFG-3] who may start and approve can be a team: in it at this moment, and no answer is a no', () => {
    const people = ['ada', '@acme/leads', '@acme/platform']
    const listed = { ...rules, start: { ...rules.start, people }, approve: { ...rules.approve, people } }
    const of = (permission: Permission, teams: Asker['teams']) => asker(permission, teams === undefined ? {} : { teams })
    for (const command of [asked('approve'), asked('retry'), 'label'] as const) {
      expect(teamsToAsk(command, 'mona', listed)).toEqual(['@acme/leads', '@acme/platform'])
      expect(teamsToAsk(command, 'Ada', listed)).toEqual([])
      expect(authorise(command, of('write', { in: ['@acme/platform'], unknown: ['@acme/leads'] }), listed).allowed).toBe(true)
      expect(authorise(command, of('read', { in: ['@acme/platform'], unknown: [] }), listed).allowed).toBe(false)
      expect(authorise(command, of('write', undefined), listed).allowed).toBe(false)
      expect(authorise(command, of('write', { in: [], unknown: ['@acme/leads'] }), listed)).toEqual({
        allowed: false,
        why: 'GitHub did not say whether you are in the team *acme/leads*',
        who: 'Try again in a minute. One of *ada*, the team *acme/leads* or the team *acme/platform* may, with the *write*, *maintain* or *admin* role.',
      })
    }
    for (const command of [asked('merge'), asked('status')]) {
      expect(teamsToAsk(command, 'mona', listed)).toEqual([])
      expect(authorise(command, asker('write'), listed).allowed).toBe(true)
    }
  })

  test('an App counts by the list and its account type alone, and never decides for people', () => {
    const listed = { ...rules, bots: ['Renovate[bot]'] }
    const bot = asker('none', { login: 'renovate[bot]', isBot: true })
    expect(authorise('label', bot, listed).allowed).toBe(true)
    expect(authorise(asked('run'), bot, listed).allowed).toBe(true)
    expect(authorise('label', bot, rules).allowed).toBe(false)
    expect(authorise('label', asker('none', { login: 'renovate[bot]' }), listed).allowed).toBe(false)
    expect(authorise('label', asker('admin', { login: 'other[bot]', isBot: true }), listed).allowed).toBe(false)
    for (const verb of ['approve', 'reject', 'merge', 'proceed', 'extra-round'] as const) {
      expect(authorise(asked(verb), bot, listed).allowed, verb).toBe(false)
    }
  })

  test('a refusal reads as a sentence, and says who may', () => {
    const strict = { ...rules, merge: { ...rules.merge, permissions: ['maintain' as const, 'admin' as const] } }
    const decision = authorise(asked('merge'), asker('write'), strict)
    if (decision.allowed) throw new Error('allowed')
    expect(refusal({ login: 'mona', asked: '/yard merge', why: decision.why, remedy: decision.who })).toBe(
      '@mona `/yard merge` was not done: merging needs the *maintain* or *admin* role here, and yours is *write*.\nThe *maintain* or *admin* role may.',
    )
  })

  test('no answer from GitHub is a refusal that says so', () => {
    expect(authorise(asked('retry'), asker('error'), rules)).toEqual({
      allowed: false,
      why: 'GitHub did not say which role you have here',
      who: 'Try again in a minute. The *write*, *maintain* or *admin* role may.',
    })
  })
})
