/** The attacks of `npm run attack`, one test each, in one scene. */
import process from 'node:process'
import { afterAll, describe, expect, test } from 'vitest'
import { isGood, judge, tryAttack } from './attack.ts'
import { closeScene, newScene } from './scene.ts'
import { TOPICS } from './topics/registry.ts'

/** Patience for a busy machine; the whole takes about a minute on a quiet one. */
const TIMEOUT_MS = 240_000

const scene = newScene()
afterAll(() => closeScene(scene), TIMEOUT_MS)

describe.each(TOPICS)('$title', ({ title, attacks }) => {
  test.concurrent.for(attacks)('is stopped: $name', { timeout: TIMEOUT_MS }, async (attack, { skip }) => {
    const outcome = await tryAttack(title, attack, scene)
    if (outcome.verdict === 'skipped' && process.env.CI !== 'true') skip(outcome.saw)
    expect(isGood(outcome, process.env.CI === 'true'), `${outcome.verdict}: ${outcome.saw}`).toBe(true)
  })
})

test('there are at least 60, each with a name of its own', () => {
  const names = TOPICS.flatMap(({ attacks }) => attacks.map(({ name }) => name))
  expect(names.length).toBeGreaterThanOrEqual(60)
  expect(new Set(names).size).toBe(names.length)
})

test.each([
  ['what it got decides', {}, { got: ['a file'], stopped: 'seen', told: 'said' }, 'succeeded'],
  ['an open one is still tried', { open: 'why' }, { got: ['a file'], stopped: '', told: null }, 'open'],
  ['one that fails is not open', { open: 'why' }, { got: [], stopped: 'seen', told: 'said' }, 'closed'],
  ['what does not show that it was tried is no proof', {}, { got: [], stopped: '', told: 'said' }, 'broken'],
  ['who must be told is told', {}, { got: [], stopped: 'seen', told: null }, 'broken'],
  ['and then it was stopped', {}, { got: [], stopped: 'seen', told: 'said' }, 'stopped'],
] as const)('the judge: %s', (_, attack, seen, verdict) => {
  expect(judge({ told: 'people', ...attack }, seen).verdict).toBe(verdict)
})
