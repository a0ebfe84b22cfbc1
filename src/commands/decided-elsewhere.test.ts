import { expect, test } from 'vitest'
import { queuedRun } from '../../test/support/example-runs.ts'
import type { Leg } from '../pipeline/model.ts'
import { authoriseElsewhere, repositoriesDecided } from './decided-elsewhere.ts'
import { COMMANDS } from './registry.ts'

const PULL = {
  number: 1,
  nodeId: 'PR_1',
  url: 'https://github.example/1',
  state: 'open',
  draft: false,
  mergedAt: null,
  mergeSha: null,
} as const
const run = queuedRun()
const with_ = (changes: Record<string, Partial<Leg>>) => ({
  legs: run.legs.map((leg) => ({ ...leg, ...changes[leg.repository] })),
})
const decided = (verb: string, legs: Pick<typeof run, 'legs'>) => {
  const command = COMMANDS.find((each) => each.verb === verb)
  if (command === undefined) throw new Error(`no command ${verb}`)
  return repositoriesDecided(command, legs)
}

test('[CMD-3] an approval is for every repository that would be written to: not what a plan leaves out, nor what is only read', () => {
  const read = { 'acme/docs': { access: 'read' as const } }
  expect(decided('approve', with_(read))).toEqual(['acme/api', 'acme/web'])
  expect(decided('approve', with_({ ...read, 'acme/api': { planned: false } }))).toEqual(['acme/web'])
  expect(decided('proceed', with_({ ...read, 'acme/web': { dropped: true } }))).toEqual(['acme/api'])
  // What ends a run decides for nobody else's code.
  expect(decided('reject', run)).toEqual([])
  expect(decided('stop', run)).toEqual([])
})

test('[CMD-3] a merge is for every repository that has a pull request', () => {
  expect(decided('merge', with_({ 'acme/api': { pull: PULL } }))).toEqual(['acme/api'])
  expect(decided('revert', with_({ 'acme/api': { pull: PULL }, 'acme/web': { pull: PULL } }))).toEqual(['acme/api', 'acme/web'])
})

test('[CMD-3] one repository without the role is a refusal that names it, and so is no answer', () => {
  const needed = ['write', 'admin'] as const
  const of = (web: 'write' | 'triage' | 'error') =>
    authoriseElsewhere(needed, [
      { repository: 'acme/api', permission: 'admin' },
      { repository: 'acme/web', permission: web },
    ])
  expect(of('write')).toEqual({ allowed: true })
  expect(of('triage')).toEqual({
    allowed: false,
    why: 'it decides for every repository of the change set, and it needs the *write* or *admin* role in acme/web (yours there is *triage*) too',
    who: 'Somebody with the *write* or *admin* role in all of them may.',
  })
  expect(of('error')).toMatchObject({
    allowed: false,
    why: expect.stringContaining('did not say which role you have in acme/web'),
  })
  expect(authoriseElsewhere(needed, [])).toEqual({ allowed: true })
})
