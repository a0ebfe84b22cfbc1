import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { checkArguments } from '../../src/workflow/arguments.ts'
import type { WorkflowCall } from '../../src/workflow/call.ts'
import type { Json } from '../../src/workflow/json.ts'
import type { LocalInterpreter } from '../../src/workflow/local-interpreter.ts'
import { parseWorkflow } from '../../src/workflow/parse.ts'
import { resultProblems } from '../../src/workflow/result-schema.ts'
import { openScript } from './scripts.ts'

async function example(name: string, given: Record<string, string>): Promise<LocalInterpreter> {
  const source = await readFile(new URL(`../../docs/examples/workflows/${name}.js`, import.meta.url), 'utf8')
  const checked = checkArguments(parseWorkflow(source, name).meta, given)
  if (!checked.ok) throw new Error(checked.problems.join('\n'))
  return openScript(source, { name, args: checked.args })
}

/** Answers each call as it is asked; what it answers must meet the schema that the script gave. */
function play(interpreter: LocalInterpreter, answer: (call: WorkflowCall) => Json) {
  const asked: WorkflowCall[] = []
  let progress = interpreter.start()
  const left = [...progress.calls]
  for (let call = left.shift(); call !== undefined; call = left.shift()) {
    asked.push(call)
    const result = answer(call)
    if (call.kind === 'agent' && call.options.schema !== undefined && result !== null) {
      expect(resultProblems(call.options.schema, result)).toEqual([])
    }
    progress = interpreter.settle([{ index: call.index, result, budget: { total: 20, spent: 0.1 * asked.length } }])
    left.push(...progress.calls)
  }
  interpreter.dispose()
  return { asked, progress }
}

const CHANGE = 'Use the new client in place of the old one.'

test('the example `migrate` changes each file apart, has it reviewed, and collects what nobody objected to', async () => {
  const files = ['a', 'b', 'c'].map((name) => ({
    repository: 'acme/api',
    path: `src/${name}.ts`,
    why: 'It calls the old client.',
  }))
  const { asked, progress } = play(await example('migrate', { change: CHANGE, most: '2' }), (call) => {
    if (call.label === 'find files') return { files }
    if (call.kind === 'checkpoint') return 'Begin'
    if (call.kind === 'collect') return { merged: call.options.calls.length, left: [] }
    if (call.phase === 'Migrate') return { summary: 'Done.', diff: `diff of ${call.label}` }
    return { good: !call.label.startsWith('src/b.ts, reviewer 2'), why: 'It forgets the timeout.' }
  })
  expect(asked.map(({ phase, label }) => `${phase}: ${label}`)).toEqual([
    'Find: find files',
    'Find: how many',
    'Migrate: src/a.ts',
    'Migrate: src/b.ts',
    'Review: src/a.ts, reviewer 1',
    'Review: src/a.ts, reviewer 2',
    'Review: src/b.ts, reviewer 1',
    'Review: src/b.ts, reviewer 2',
    'Collect: collect',
  ])
  expect(asked.at(-1)).toMatchObject({ kind: 'collect', options: { calls: [2] } })
  expect(asked.filter(({ kind, phase }) => kind === 'agent' && phase === 'Migrate')).toMatchObject([
    { options: { isolation: 'worktree', mode: 'code', repositories: ['acme/api'] } },
    { options: { isolation: 'worktree', mode: 'code', repositories: ['acme/api'] } },
  ])
  expect(progress).toMatchObject({
    state: 'done',
    result: { title: CHANGE, markdown: expect.stringContaining('1 of 2 files were changed, for $0.90.') },
  })
})

test('the example `migrate` asks for no collection where no work is left', async () => {
  const { asked, progress } = play(await example('migrate', { change: CHANGE }), (call) =>
    call.label === 'find files' ? { files: [{ repository: 'acme/api', path: 'a.ts', why: 'It calls it.' }] } : null,
  )
  expect(asked.map(({ label }) => label)).toEqual(['find files', 'a.ts'])
  expect(progress).toMatchObject({ state: 'done', result: { markdown: expect.stringContaining('0 of 1 files') } })
})

test('the example `audit` reads only, doubts each finding, and ends with a table, the worst first', async () => {
  const found = (path: string, severity: string) => ({ repository: 'acme/web', path, line: 7, what: 'A | B', severity })
  const { asked, progress } = play(await example('audit', { question: 'Where is the old client used?' }), (call) => {
    if (call.phase === 'Divide') return { parts: ['the API', 'the web', 'the rest'] }
    if (call.label === 'the API') return { findings: [found('a.ts', 'low'), found('b.ts', 'high')] }
    if (call.label === 'the web') return { findings: [found('c.ts', 'medium')] }
    if (call.phase === 'Look') return null
    return { holds: call.label !== 'c.ts:7' }
  })
  expect(new Set(asked.map((call) => call.kind === 'agent' && call.options.mode))).toEqual(new Set(['explore']))
  expect(progress).toMatchObject({
    state: 'done',
    result: {
      title: 'Audit: Where is the old client used?',
      markdown: [
        '| | Repository | Where | What |',
        '|---|---|---|---|',
        '| high | acme/web | `b.ts:7` | A \\| B |',
        '| low | acme/web | `a.ts:7` | A \\| B |',
      ].join('\n'),
    },
  })
})
