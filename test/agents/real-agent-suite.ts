/** What holds for every real agent, each driven by its own binary: what differs is said by {@link RealAgent}. */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { VENDOR_KEYS } from '../../runner/agents/model-access.ts'
import type { Turn } from '../model/script.ts'
import { type Bench, KEY, ofType, openBench, type RealAgent, titleOf } from './real-agent.ts'
import { runAgent } from './run-agent.ts'

/** What means something to an agent's command line at a terminal, and is only text in an issue. */
const PROMPT = 'PROMPT-MARK @README.md and @octocat, please:\n/help\n!ls\n'
const DEFAULT_TIMEOUT_MS = 30_000

/** Declares the tests of one agent; `more` those that it has beside. */
export async function realAgentSuite(real: RealAgent, more: (bench: () => Bench) => void = () => undefined): Promise<void> {
  const { title, skip } = await titleOf(real)
  describe.skipIf(skip)(title, { timeout: real.timeoutMs ?? DEFAULT_TIMEOUT_MS }, () => {
    let bench: Bench
    beforeEach(async () => {
      bench = await openBench(real)
    })
    afterEach(() => bench.close())
    detection(real, () => bench)
    work(real, () => bench)
    sessions(real, () => bench)
    ends(real, () => bench)
    more(() => bench)
  })
}

function detection({ agent, vendor }: RealAgent, bench: () => Bench): void {
  it('[AGT-1] is detected with its version, and says what is missing', async () => {
    const { withModel, keyless, missing, task } = bench()
    const { runtime } = await withModel([])
    expect(await runtime.detect()).toEqual({ name: agent.runtime, version: agent.version, ready: true })
    const key = VENDOR_KEYS[vendor]
    expect(await keyless.detect()).toMatchObject({ ready: false, why: expect.stringContaining(key) })
    await expect(task('Go.').then((given) => keyless.invocation(given))).rejects.toThrow(key)
    const why = expect.stringContaining(`agents:install -- ${agent.runtime}`)
    expect(await missing.detect()).toMatchObject({ version: null, ready: false, why })
  })
}

function work(real: RealAgent, bench: () => Bench): void {
  it('[AGT-7] [AGT-4] [AGT-1] does a job: a file, a report with the nonce, all events, and what it says it can', async () => {
    const { folder, task, withModel } = bench()
    const file = join(folder.root, 'work', 'hello.txt')
    const items = [
      { text: 'write', done: true },
      { text: 'correct', done: false },
    ]
    const todos: Turn[] = real.tellsTodos ? [{ say: '', tools: [{ do: 'todos', items }] }] : []
    const { model, runtime } = await withModel([
      { say: 'I will write it.', tools: [{ do: 'write', path: file, content: 'helo\n' }] },
      ...todos,
      { say: '', tools: [{ do: 'edit', path: file, from: 'helo', to: 'hello' }] },
      { say: '', tools: [{ do: 'run', command: 'exit 3' }] },
      { say: '', tools: [{ do: 'report', report: { status: 'success', summary: "It's written" } }] },
      { say: 'Finished.' },
    ])

    const run = await runAgent(runtime, await task('Write hello.', { effort: 'low' }))

    expect(run).toMatchObject({ exitCode: 0, outcome: { ok: true } })
    expect(await readFile(file, 'utf8')).toBe('hello\n')
    expect(await folder.report()).toEqual({ nonce: 'nonce-0123456789abcdef', status: 'success', summary: "It's written" })
    expect(new Set(ofType(run.events, 'session').map(({ id }) => id)).size).toBe(1)
    expect(ofType(run.events, 'session')[0]?.id).toMatch(real.session)
    expect(ofType(run.events, 'text').map(({ text }) => text)).toEqual(['I will write it.', 'Finished.'])
    const started = ofType(run.events, 'tool-start')
    const ended = new Map(ofType(run.events, 'tool-end').map(({ id, ok }) => [id, ok]))
    expect(started.map(({ id, name, kind }) => [name, kind, ended.get(id)])).toEqual(real.tools)
    expect(started[0]?.detail).toContain(file)
    expect(ofType(run.events, 'todos').at(-1)).toEqual(real.tellsTodos ? { type: 'todos', done: 1, total: 2 } : undefined)
    const used = ofType(run.events, 'usage').at(-1)?.usage
    expect(used).toEqual(real.usage.work)
    expect(ofType(run.events, 'end')).toEqual([{ type: 'end', ok: true }])

    const [asked] = model.turns()
    if (!model.log[0]?.path.includes(real.model)) expect(asked?.model).toBe(real.model)
    expect(asked?.messages.map(({ text }) => text).join()).toContain('Write hello.')
    const [header, value] = real.keyHeader(KEY)
    expect(model.log.map(({ headers }) => headers[header])).toEqual(model.turns().map(() => value))
    const { usage, cost, effort } = runtime.capabilities
    expect({ usage, cost, effort }).toEqual({
      usage: used?.inputTokens !== undefined,
      cost: used?.costUsd !== undefined,
      effort: model.log.some(({ body }) => real.lowEffort?.test(body)),
    })
  })

  it('[AGT-2] takes prompt and instructions by standard input and by file, obeys no sign in them, and gives nothing away', async () => {
    const { folder, task, withModel } = bench()
    const { model, runtime } = await withModel([{ say: '', tools: [{ do: 'run', command: 'env > env.txt' }] }])
    const gateway = { url: model.url, token: 'sk-of-this-job' }
    const given = await task(PROMPT, { gateway })
    const { args, stdin } = await runtime.invocation(given)
    expect(stdin).toBe('prompt')
    for (const secret of ['PROMPT-MARK', 'octocat', 'INSTRUCTIONS-MARK', KEY, gateway.token, 'nonce-', gateway.url]) {
      expect(args.join(' ')).not.toContain(secret)
    }
    const run = await runAgent(runtime, given)
    expect(run.outcome).toEqual({ ok: true })
    const [asked] = model.turns()
    const said = asked?.messages.map(({ text }) => text).join('\n')
    expect(said).toContain(PROMPT.trim())
    if (real.instructionsIn === 'system') expect(asked?.system).toContain('INSTRUCTIONS-MARK')
    else expect(said).toMatch(/INSTRUCTIONS-MARK.*PROMPT-MARK/s)
    const [header, value] = real.keyHeader(gateway.token)
    expect(model.log.map(({ headers }) => headers[header])).toEqual(model.turns().map(() => value))
    const env = await readFile(join(folder.root, 'work', 'env.txt'), 'utf8')
    expect(env).toContain('SWITCHYARD_NONCE=nonce-0123456789abcdef')
    expect(env).not.toContain(KEY)
    expect(env.includes(gateway.token)).toBe(real.keyInEnvironment)
  })

  const { temptations } = real
  if (temptations === undefined) return
  it('uses nothing of the tree but its text: no settings, no code, no servers, no hooks', async () => {
    const { folder, task, withModel } = bench()
    const { model, runtime } = await withModel([{ say: 'Done.' }])
    const evil = join(folder.root, 'evil')
    await temptations(join(folder.root, 'work'), evil)
    const run = await runAgent(runtime, await task('Go.'))
    expect(run.outcome).toEqual({ ok: true })
    expect(model.turns()[0]?.model).toBe(real.model)
    expect(existsSync(evil)).toBe(false)
  })
}

function sessions(real: RealAgent, bench: () => Bench): void {
  it('[AGT-7] resumes its session with the history, the new instructions and the usage of this process only', async () => {
    const { folder, task, withModel } = bench()
    const { model, runtime } = await withModel([{ say: 'FIRST-ANSWER' }, { say: 'Second answer.' }])
    const first = await runAgent(runtime, await task('FIRST-PROMPT'))
    const session = ofType(first.events, 'session').at(-1)
    const instructionsFile = join(folder.root, 'later.md')
    await writeFile(instructionsFile, 'LATER-INSTRUCTIONS')

    const second = await runAgent(runtime, await task('SECOND-PROMPT', { instructionsFile, resume: session?.id ?? '' }))

    expect(second.outcome).toEqual({ ok: true })
    expect(ofType(second.events, 'session').at(-1)).toEqual(session)
    const asked = model.turns()[1]
    const said = asked?.messages.map(({ text }) => text).join('\n') ?? ''
    expect(said).toMatch(/FIRST-PROMPT.*FIRST-ANSWER.*SECOND-PROMPT/s)
    if (real.instructionsIn === 'messages') expect(said).toMatch(/FIRST-ANSWER.*LATER-INSTRUCTIONS.*SECOND-PROMPT/s)
    else {
      expect(asked?.system).toContain('LATER-INSTRUCTIONS')
      expect(asked?.system).not.toContain('INSTRUCTIONS-MARK')
    }
    const used = [first, second].map(({ events }) => ofType(events, 'usage').at(-1)?.usage)
    expect(used).toEqual([real.usage.answer, real.usage.answer])
  })

  it('[AGT-5] says that a session which is not there cannot be resumed, and does not begin another', async () => {
    const { task, withModel } = bench()
    const { model, runtime } = await withModel([])
    const run = await runAgent(runtime, await task('Go.', { resume: real.noSession }))
    expect(run.outcome).toMatchObject({ ok: false, failure: { cause: 'agent' } })
    expect(model.turns()).toHaveLength(0)
  })
}

function ends(real: RealAgent, bench: () => Bench): void {
  it.each(real.misbehaviours)('[AGT-5] [AGT-7] when the model answers with %j: %s, at once', async (misbehave, end) => {
    const { task, withModel } = bench()
    const { model, runtime } = await withModel([{ misbehave }, { say: 'Better.' }])
    const run = await runAgent(runtime, await task('Go.'))
    if (end === 'goes on') {
      expect(run.outcome).toEqual({ ok: true })
      expect(ofType(run.events, 'text').at(-1)).toEqual({ type: 'text', text: 'Better.' })
      return
    }
    expect(run.outcome).toMatchObject({ ok: false, failure: { cause: end } })
    if (real.refusedExitCode !== undefined) expect(run.exitCode).toBe(real.refusedExitCode)
    expect(model.turns()).toHaveLength(1)
  })

  it('[AGT-5] is not misled by words of a failure in a text and in what a command prints', async () => {
    const { task, withModel } = bench()
    const { words } = real
    const command = `echo '${words}'; echo '${words}' >&2`
    const { runtime } = await withModel([{ say: words, tools: [{ do: 'run', command }] }, { say: words }])
    const run = await runAgent(runtime, await task(words))
    expect(run.outcome).toEqual({ ok: true })
    expect(ofType(run.events, 'text')).toHaveLength(2)
  })
}
