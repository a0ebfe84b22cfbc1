import { expect, test } from 'vitest'
import { SwitchyardError } from '../contract/failure.ts'
import { parseWorkflow } from './parse.ts'
import { ScriptError } from './script-error.ts'

const MAIN = '\nexport default async function () {}\n'

function refused(source: string, name = 'test'): string {
  try {
    parseWorkflow(source, name)
  } catch (error) {
    if (error instanceof ScriptError && error instanceof SwitchyardError && error.failure.cause === 'config')
      return error.message
    throw error
  }
  throw new Error('It was taken.')
}

test('[WF-1] what a workflow says of itself is read as literals', () => {
  const source = `const helper = () => { throw new Error('run') }
    helper()
    export const meta = ({
      'name': "test", description: \`What it does.\`,
      phases: [{ title: 'One', detail: 'first' }, { title: 'Two' }],
      arguments: { type: 'object', properties: { least: { type: 'number', minimum: -1.5, default: -0 } }, required: [] },
    })${MAIN}`
  expect(parseWorkflow(source, 'test').meta).toEqual({
    name: 'test',
    description: 'What it does.',
    phases: [{ title: 'One', detail: 'first' }, { title: 'Two' }],
    arguments: { type: 'object', properties: { least: { type: 'number', minimum: -1.5, default: -0 } }, required: [] },
  })
})

test.for([
  ['a syntax error', 'export const meta = {\n  name: \n}', 'test.js:3:1: Unexpected token.'],
  ['no meta', MAIN, 'test.js:1:1: It has no `export const meta = { name, description }`.'],
  ['no default function', "export const meta = { name: 'test', description: 'd' }", 'test.js:1:1: Nothing to run'],
  ['meta that changes', `export let meta = {}${MAIN}`, 'test.js:1:1: Write `export const meta'],
  ['a name of something', `const n = 'test'\nexport const meta = { name: n }${MAIN}`, 'test.js:2:29: `meta` is read without'],
  ['a call', `export const meta = { name: 'test', description: make() }${MAIN}`, 'test.js:1:50'],
  ['a template', `export const meta = { name: 'test', description: \`\${1}\` }${MAIN}`, 'test.js:1:50'],
  ['a spread', `export const meta = { ...{} }${MAIN}`, 'test.js:1:23'],
  ['a spread list', `export const meta = { phases: [...[]] }${MAIN}`, 'test.js:1:32'],
  ['a hole', `export const meta = { phases: [,] }${MAIN}`, 'test.js:1:31'],
  ['a computed name', `export const meta = { ['name']: 'test' }${MAIN}`, 'test.js:1:23'],
  ['a getter', `export const meta = { get name() { return 'test' } }${MAIN}`, 'test.js:1:23'],
  ['a method', `export const meta = { name() {} }${MAIN}`, 'test.js:1:23'],
  [
    'a prototype',
    `export const meta = { __proto__: null }${MAIN}`,
    'test.js:1:23: `meta` is read without running the script: `__proto__`',
  ],
  ['a name twice', `export const meta = { name: 'a', name: 'b' }${MAIN}`, 'test.js:1:34'],
  ['a pattern', `export const meta = { name: /x/ }${MAIN}`, 'test.js:1:29'],
  ['a bigint', `export const meta = { name: 1n }${MAIN}`, 'test.js:1:29'],
  [
    'another name',
    `export const meta = {\n  name: 'other', description: 'd' }${MAIN}`,
    'test.js:2:9: `meta.name` is `other`; write `test`',
  ],
  ['an unknown field', `export const meta = { name: 'test', description: 'd', phase: [] }${MAIN}`, 'phase'],
  [
    'a wrong field',
    `export const meta = { name: 'test', description: 'd',\n phases: [{ title: 3 }] }${MAIN}`,
    'test.js:2:20: `meta.phases.0.title`',
  ],
  [
    'a required argument that is none',
    `export const meta = { name: 'test', description: 'd', arguments: { type: 'object', properties: {}, required: ['x'] } }${MAIN}`,
    'names `x`, which is no property',
  ],
  ['an import', `import 'node:fs'\nexport const meta = {}${MAIN}`, 'test.js:1:1: A workflow imports nothing'],
  ['an export of another', `export * from './x.js'\nexport const meta = {}${MAIN}`, 'test.js:1:1: A workflow imports nothing'],
  ['a script that is too long', `${' '.repeat(256 * 1024)}${MAIN}`, 'characters'],
  ['a script that is too deep', `export const meta = ${'['.repeat(100_000)}${MAIN}`, 'test.js:1'],
] as const)('a script is refused with its place: %s', ([, source, message]) => {
  expect(refused(source)).toContain(message)
})
