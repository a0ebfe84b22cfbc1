import { expect, test } from 'vitest'
import { scriptOf } from '../../test/workflow/scripts.ts'
import type { Named } from './named.ts'
import { parseWorkflow } from './parse.ts'

const named = (body: string): Named => parseWorkflow(scriptOf(body), 'test').named

test('roles that stand in a script as text are known with their places, in their order', () => {
  const { roles } = named(`  await parallel([1, 2].map((n) => () => agent('x ' + n, { label: 'x', role: 'tester' })))
  return kit.agent('y', { role: 'coder' })`)
  expect(roles).toEqual([
    { name: 'tester', place: { line: 3, column: 78 } },
    { name: 'coder', place: { line: 4, column: 33 } },
  ])
})

test('calls without a role are known by their mode, where that is written', () => {
  expect(named("await agent('x'); await agent('x', {})").modes).toEqual(['explore', 'explore'])
  expect(named("return agent('x', { isolation: 'worktree' })").modes).toEqual(['code'])
  expect(named("return agent('x', { mode: 'code' })").modes).toEqual(['code'])
})

test('what is computed is not guessed', () => {
  const nothing = { roles: [], modes: [], workflows: [] }
  expect(named("return agent('x', { role: args.role })")).toEqual(nothing)
  expect(named("return agent('x', { role: 'a' + args.role })")).toEqual(nothing)
  expect(named("return agent('x', { ...args, role: 'coder' })")).toEqual(nothing)
  expect(named("return agent('x', { ['role']: 'coder' })")).toEqual(nothing)
  expect(named("return agent('x', { mode: args.mode })")).toEqual(nothing)
  expect(named("return agent('x', options)")).toEqual(nothing)
  expect(named("const role = { role: 'poet' }; return other('x', { role: 'poet' })")).toEqual(nothing)
})

test('scripts that it starts by name are known', () => {
  expect(named("await workflow('inner', { role: 'poet' }); return workflow(args.name)").workflows).toEqual(['inner'])
})

test('an expression may be deep', () => {
  expect(named(`return 1${' + 1'.repeat(5_000)}`).roles).toEqual([])
})
