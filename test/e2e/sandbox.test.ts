/** Whole runs whose jobs work in real sandboxes, on a runner that must have one: the scripted agent, and Claude Code. */
import { resolve } from 'node:path'
import process from 'node:process'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CLAUDE_PACKAGE } from '../../runner/agents/claude-package.ts'
import { DEFAULT_TOOLS_DIR, findBinary } from '../../runner/agents/tools.ts'
import { jobUser } from '../../runner/sandbox/job-user.ts'
import { preflight } from '../../runner/sandbox/preflight.ts'
import { type ScriptedModel, startModel } from '../model/server.ts'
import { pipeline, repository } from './repositories.ts'
import { call, change, done } from './script.ts'
import { useSwitchyard } from './use-switchyard.ts'

const KEY = 'sk-ant-the-real-key-of-the-runner'
const toolsDir = resolve(DEFAULT_TOOLS_DIR)
const claude = await findBinary(CLAUDE_PACKAGE, { env: process.env, toolsDir })
const here = await preflight(jobUser('/'), [])
if (!here.ready && process.env.CI === 'true') throw new Error(`No sandbox here: ${here.why}. ${here.remedy}`)

/** What an agent may try: the runner's environment, other processes, the cloud, a host that nobody permits. */
const TRIES = [
  'cat /proc/*/environ 2>/dev/null | tr "\\0" "\\n" > seen.txt',
  'cat /etc/shadow >> seen.txt 2>&1',
  "node -e \"fetch('https://evil.example/').then(() => console.log('REACHED'), () => console.log('refused'))\" >> seen.txt",
  "NODE_USE_ENV_PROXY= node -e \"fetch('http://169.254.169.254/').then(() => console.log('REACHED'), (e) => console.log(e.cause.code))\" >> seen.txt",
  'id -u >> seen.txt',
  // Its own are not pushed: a commit with them is held. The vendor's real key would be left, and seen below.
  'for own in "$SWITCHYARD_GATEWAY_TOKEN" "$ANTHROPIC_API_KEY" "$ANTHROPIC_AUTH_TOKEN" "$SWITCHYARD_NONCE"; do',
  '  case "$own" in ""|sk-ant-the-real*) ;; *) sed -i "s|$own|its-own|g" seen.txt ;; esac',
  'done',
].join('\n')

let model: ScriptedModel
beforeAll(async () => {
  model = await startModel({
    script: [
      { say: '', tools: [{ do: 'run', command: 'echo hello > hello.txt && git add -A && git commit -qm Hello' }] },
      { say: '', tools: [{ do: 'run', command: `(${TRIES}); git add -A && git commit -qm Seen` }] },
      { say: '', tools: [{ do: 'report', report: { status: 'success', summary: 'Written from within.' } }] },
      { say: 'Finished.' },
    ],
  })
  Object.assign(process.env, { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: model.url })
})
afterAll(async () => {
  for (const name of ['ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL']) delete process.env[name]
  await model.close()
})

const yard = useSwitchyard({
  sandbox: here.ready,
  env: { SANDBOX_HOSTS: 'none' },
  repositories: [
    repository('solo', {
      sandbox: 'required',
      pipelines: { code: [...pipeline('code'), { kind: 'validate' }], claude: pipeline('second') },
      roles: { fixer: { runtime: { name: 'claude', model: 'claude-sonnet-4-5' } } },
      validation: [{ name: 'inside', run: 'test "$(id -u)" = 1000 && test ! -e /etc/shadow && cat seen.txt' }],
    }),
  ],
  script: {
    calls: [
      call('coder', 'Inside', [
        { do: 'run', argv: ['sh', '-c', TRIES], mayFail: false },
        ...change('note.txt', 'inside\n'),
        done(),
      ]),
    ],
  },
})

/** What the run's pull request has in this file. */
async function pulled(number: number, file: string): Promise<string> {
  const seen = yard().github.inspect()
  const branch = Object.keys(await seen.branches('acme/solo')).find((name) => name.startsWith(`switchyard/${number}-`))
  return (await execa('git', ['show', `${branch}:${file}`], { cwd: seen.repository('acme/solo').dir })).stdout
}

const held = (seen: string): void => {
  expect(seen).not.toMatch(/sk-ant-the-real|PRIVATE_KEY|WEBHOOK_SECRET|root:|REACHED/)
  expect(seen).toContain('/etc/shadow')
  expect(seen).toMatch(/refused\nENETUNREACH\n1000\n?$/)
}

const REFUSED = '`evil.example:443`, once: who runs Switchyard does not permit the host'

test('an agent works within, its commands are validated within, and what it tried to reach is told', async (context) => {
  if (!here.ready) context.skip(`no sandbox here: ${here.why}`)
  const task = yard().task({ title: 'Inside', label: 'switchyard:code' })
  const text = await task.until('ready')
  expect(task.pulls('acme/solo')).toHaveLength(1)
  held(await pulled(task.number, 'seen.txt'))
  expect(text).toContain('Connections that were refused: to one host')
  expect(text).toContain(REFUSED)
  const head = task.pulls('acme/solo')[0]?.pull.headSha ?? ''
  const code = yard()
    .github.inspect()
    .checks('acme/solo', head)
    .find(({ name }) => name === 'switchyard / code')
  expect(code?.output.summary).toContain(REFUSED)
})

test('so does Claude Code, with its model behind the gateway', async (context) => {
  if (!here.ready) context.skip(`no sandbox here: ${here.why}`)
  if (claude === null) context.skip('Claude Code is not installed; run: npm run agents:install -- claude')
  const task = yard().task({ title: 'By Claude', label: 'switchyard:claude' })
  const text = await task.until('ready')
  expect(text).toContain('Written from within.')
  expect(await pulled(task.number, 'hello.txt')).toContain('hello')
  held(await pulled(task.number, 'seen.txt'))
  expect(model.log.every(({ headers }) => headers['x-api-key'] === KEY || headers.authorization === `Bearer ${KEY}`)).toBe(true)
})
