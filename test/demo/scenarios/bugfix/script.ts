/**
 * What the scripted agent does in the pipeline `bugfix`, role by role. Which call it is follows from the prompt: what was
 * answered, what a command printed. It forgets the changelog on purpose.
 */
import type { AgentScriptInput } from '../../../agents/agent-script.ts'
import { API } from '../../repositories.ts'
import { changelog, FAILING_CASE, FIX_ENTRY, OTHER_ENTRY } from './repository.ts'

/** What the clarity reader asks, and the words of mona's answer. */
export const QUESTION = 'Should `/items/`, with a slash at its end, be answered as well?'
export const ANSWER = 'No, that one stays a 404. Only what comes after a question mark is to be ignored.'

/** The line that the review is about; what is there instead after the remark. */
export const REMARKED_LINE = "    const { pathname } = new URL(request.url, 'http://localhost')"
export const REMARK =
  "`new URL('//', 'http://localhost')` throws, and nothing catches it: one such request ends the server. Cut at the question mark instead, and test it."

const SERVER = 'src/server.mjs'
const BUG = "    if (request.url !== '/items')"
const FIXED = `${REMARKED_LINE}\n    if (pathname !== '/items')`
const SAFE = "    const [path] = request.url.split('?')\n    if (path !== '/items')"

const serverText = String(API.files[SERVER])
if (!serverText.includes(BUG.trim())) throw new Error('the bug is not in the repository')

const TEST = (cases: readonly string[]) => `import assert from 'node:assert/strict'
import test from 'node:test'
import { startApi } from '../src/server.mjs'

async function statusOf(path) {
  const api = await startApi()
  try {
    const { hostname, port } = new URL(api.url)
    const { request } = await import('node:http')
    return await new Promise((resolve, reject) => {
      request({ hostname, port, path }, (answer) => resolve(answer.resume().statusCode)).on('error', reject).end()
    })
  } finally {
    api.close()
  }
}

${cases.join('\n')}`

const QUERY_CASE = `test('a query string is ignored', async () => {
  assert.equal(await statusOf('/items?sort=price'), 200)
  assert.equal(await statusOf('/items/'), 404)
})
`
const SLASHES_CASE = `test('a path of two slashes is answered, and does not end the server', async () => {
  assert.equal(await statusOf('//'), 404)
})
`

const say = (text: string) => ({ do: 'emit' as const, event: { type: 'text' as const, text } })
const report = (summary: string, more: Record<string, unknown> = {}) => ({
  do: 'report' as const,
  report: { status: 'success', summary, ...more },
})
const BRIEF = '`GET /items` must be answered whatever query string follows it.'

export const BUGFIX_SCRIPT: AgentScriptInput = {
  calls: [
    {
      when: { role: 'investigator' },
      actions: [
        say('Running the case of the report.'),
        { do: 'run', argv: ['node', '-e', FAILING_CASE], mayFail: true },
        report('The server compares the whole request target with the path.', {
          diagnosis: {
            cause: 'The server compares the whole of `request.url`, query string and all, with `/items`.',
            confidence: 0.95,
            evidence: [
              { repository: 'acme/api', path: SERVER, line: lineOf(BUG.trim()), text: `\`${BUG.trim()}\`` },
              { text: '`GET /items?sort=price` answers 404 where `GET /items` answers 200.' },
            ],
            reproduction: 'Start the API and ask for `/items?sort=price`.',
            remedy: 'Compare the path alone.',
          },
        }),
      ],
    },
    {
      when: { role: 'clarity', promptIncludes: 'stays a 404' },
      actions: [report('It is clear now.', { findings: { brief: `${BRIEF} \`/items/\` stays a 404.`, findings: [] } })],
    },
    {
      when: { role: 'clarity' },
      actions: [
        report('One question.', {
          findings: {
            brief: BRIEF,
            findings: [{ kind: 'question', severity: 'medium', text: QUESTION, suggestion: 'No, it stays as it is.' }],
          },
        }),
      ],
    },
    {
      when: { role: 'coder', promptIncludes: 'has no line about this change' },
      actions: [
        say('The changelog was forgotten.'),
        { do: 'write', path: 'CHANGELOG.md', content: changelog(FIX_ENTRY) },
        { do: 'commit', message: 'Say it in the changelog' },
        report('Query strings are ignored, and the changelog says so.', { title: 'Answer /items with a query string' }),
      ],
    },
    {
      when: { role: 'coder' },
      actions: [
        say('Comparing the path alone.'),
        { do: 'replace', path: SERVER, from: BUG, to: FIXED },
        { do: 'write', path: 'test/query.test.mjs', content: TEST([QUERY_CASE]) },
        { do: 'run', argv: ['node', '--test'] },
        { do: 'commit', message: 'Ignore the query string of a request' },
        report('Query strings are ignored.', {
          title: 'Answer /items with a query string',
          checks: [{ command: 'node --test', ok: true }],
        }),
      ],
    },
    {
      when: { role: 'reviewer' },
      actions: [
        report('Nothing to add.', {
          verdict: { rating: 0.9, summary: 'It mends what the diagnosis names, with a test of it.', comments: [] },
        }),
      ],
    },
    {
      when: { role: 'resolver' },
      actions: [
        say('Two lines were added to the changelog at the same place; both are meant.'),
        { do: 'run', argv: ['git', 'merge', '--no-edit', 'origin/main'], mayFail: true },
        { do: 'write', path: 'CHANGELOG.md', content: changelog(FIX_ENTRY, OTHER_ENTRY) },
        { do: 'run', argv: ['node', '--test'] },
        { do: 'commit', message: "Merge branch 'main', with both lines of the changelog" },
        report('main is merged; the changelog keeps both lines.'),
      ],
    },
    {
      when: { role: 'responder' },
      actions: [
        say('The remark is right: the URL parser throws on two slashes.'),
        { do: 'replace', path: SERVER, from: FIXED, to: SAFE },
        { do: 'write', path: 'test/query.test.mjs', content: TEST([QUERY_CASE, SLASHES_CASE]) },
        { do: 'run', argv: ['node', '--test'] },
        { do: 'commit', message: 'Cut the query string off without parsing an address' },
        {
          do: 'answer-conversations',
          outcome: 'changed',
          reply: 'Right. It is cut at the question mark now, and a test asks for `//`.',
          summary: 'The remark was taken up.',
        },
      ],
    },
  ],
}

/** The line, from 1, of the server's file that has this text. */
function lineOf(text: string): number {
  return serverText.split('\n').findIndex((line) => line.includes(text)) + 1
}
