/** The end of a run’s money with a real coding agent: Claude Code, on its way from the gateway’s refusal to going on (SPD-2). */
import { dirname, resolve } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { CLAUDE_PACKAGE } from '../../runner/agents/claude-package.ts'
import { DEFAULT_TOOLS_DIR, findBinary } from '../../runner/agents/tools.ts'
import { RunId } from '../../src/contract/ids.ts'
import { spentByRun } from '../../src/gateway/ledger.ts'
import { git } from '../github/state/git.ts'
import type { ModelRequest, Turn } from '../model/script.ts'
import { type ScriptedModel, startModel } from '../model/server.ts'
import { pipeline, repository } from './repositories.ts'
import { useSwitchyard } from './use-switchyard.ts'

const MODEL = 'claude-sonnet-4-5'
/** 0.303 USD at the built-in prices. */
const TOKENS = { input: 1_000, output: 20_000, cacheRead: 0 }
/** Enough for some calls of these, and for what is kept free for the next. */
const RUN_USD = 2

const toolsDir = resolve(process.env.SWITCHYARD_TOOLS_DIR ?? DEFAULT_TOOLS_DIR)
const binary = await findBinary(CLAUDE_PACKAGE, { env: process.env, toolsDir })
// In CI it must be there.
const skipped = binary === null && process.env.CI !== 'true'
const title = skipped ? 'Claude Code (SKIPPED: not installed; run: npm run agents:install -- claude)' : 'Claude Code'

describe.skipIf(skipped)(title, () => {
  let model: ScriptedModel
  let raised = false
  beforeAll(async () => {
    let after = 0
    model = await startModel({
      script(request, nth) {
        // Before: it works on and on, and nothing but its budget ends it.
        if (!raised) return nth === 0 ? commits(request, 'first.txt', 'FIRST-WORDS') : works()
        after += 1
        return AFTER[after - 1]?.(request) ?? { say: 'Done.', tokens: TOKENS }
      },
    })
    vi.stubEnv('ANTHROPIC_API_KEY', 'the-vendors-real-key')
    vi.stubEnv('ANTHROPIC_BASE_URL', model.url)
    vi.stubEnv('PATH', `${dirname(binary ?? '')}:${process.env.PATH}`)
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await model.close()
  })

  const yard = useSwitchyard({
    repositories: [
      repository('solo', {
        budgets: { run: RUN_USD },
        pipelines: { code: pipeline('code') },
        roles: { coder: { runtime: { name: 'claude', model: MODEL } } },
      }),
    ],
  })

  test('[SPD-2] [SPD-3] is stopped when its run has no money left, its work is pushed, and `/yard budget +5` goes on in the same session', async () => {
    const task = yard().task({ title: 'Costly', label: 'switchyard:code' })
    const paused = await task.until('paused')
    expect(paused).toContain('The budget of this run is used up')
    expect(paused).toContain('`/yard budget +5` lets it spend that much more, and goes on from here.')
    const before = model.turns().length
    expect(before).toBeGreaterThan(1)
    const { dir } = yard().github.inspect().repository('acme/solo')
    const branches = async () => Object.keys(await yard().github.inspect().branches('acme/solo'))
    await expect.poll(branches, { timeout: 60_000 }).toContainEqual(expect.stringMatching(/^switchyard\/\d+-/))
    const branch = (await branches()).find((name) => name.startsWith('switchyard/')) ?? ''
    expect((await git(dir, ['show', `${branch}:first.txt`])).trim()).toBe('first.txt')

    raised = true
    await task.reaction(task.comment('hubot', '/yard budget +5'), 'rocket')
    await task.until('ready')
    expect((await git(dir, ['show', `${branch}:first.txt`])).trim()).toBe('first.txt')
    expect((await git(dir, ['show', `${branch}:second.txt`])).trim()).toBe('second.txt')
    // The same session: the model is told again what it said before its money ended.
    const told = model.turns()[before]?.messages.map(({ text }) => text) ?? []
    expect(told.join('\n')).toContain('FIRST-WORDS')

    const asked = model.log.filter(({ method, path }) => method === 'POST' && /^\/v1\/messages(?:\?|$)/.test(path))
    const run = RunId.parse(/<!-- switchyard:status run=(\w+) /.exec(task.statusComment()?.body ?? '')?.[1])
    const spent = await yard().stopAndRead((store) => spentByRun(store.db, run))
    // The ledger has every call that reached the vendor, and no other; none is left open.
    expect(spent.reduce((sum, { calls }) => sum + calls, 0)).toBe(asked.length)
    expect(spent.reduce((sum, { open }) => sum + open, 0)).toBe(0)
    const usd = (turns: number) => turns * 0.303
    const whole = spent.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0)
    expect(whole).toBeGreaterThan(usd(model.turns().length) - 1e-6)
    expect(usd(before)).toBeLessThanOrEqual(RUN_USD)
  })
})

/** What it does when it may go on. */
const AFTER: readonly ((request: ModelRequest) => Turn)[] = [
  (request) => commits(request, 'second.txt', 'Going on.'),
  () => ({
    say: '',
    tools: [{ do: 'report', report: { status: 'success', summary: 'Both are written.' } }],
    tokens: TOKENS,
  }),
]

function works(): Turn {
  return { say: 'Looking around.', tools: [{ do: 'run', command: 'git status --short' }], tokens: TOKENS }
}

function commits({ system, messages }: ModelRequest, file: string, say: string): Turn {
  const said = [system, ...messages.map(({ text }) => text)].join('\n')
  const folder = /^- acme\/solo \([a-z]+\): ([^,\n]+?)(?: \(|,)/m.exec(said)?.[1]
  if (folder === undefined) throw new Error('the prompt does not say where the repository is')
  const command = `cd '${folder}' && echo ${file} > ${file} && git add -A && git commit -qm 'Add ${file}'`
  return { say, tools: [{ do: 'run', command }], tokens: TOKENS }
}
