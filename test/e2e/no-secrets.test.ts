/**
 * While a job runs, nothing that is not meant to has a credential: no process by its arguments or environment, no file in
 * the data folder, no table of the store or the queue, no log, nothing on GitHub (SECURITY.md, invariant 9).
 */
import { spawn } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startSwitchyard, type Yard } from './harness.ts'
import { pipeline, repository } from './repositories.ts'
import { call, change, done } from './script.ts'
import { formsOf, type Secret, secretsIn } from './secret-search.ts'

vi.setConfig({ testTimeout: 240_000 })

/** Stands for a vendor's key: with it the runner opens a gateway. Of the length of one, and nobody's. */
const MODEL_KEY = `model+key/${'Zk4vQ9xW2mB7'.repeat(4)}`

test('no process, file, table, log or post has a credential while a job runs, nor afterwards', async () => {
  vi.stubEnv('ANTHROPIC_API_KEY', MODEL_KEY)
  onTestFinished(() => void vi.unstubAllEnvs())
  const yard = await startSwitchyard({
    backend: 'embedded',
    repositories: [repository('solo', { pipelines: { build: pipeline('code') } })],
    script: (signals) => ({
      calls: [
        call('coder', '', [
          ...change('one.txt', 'one\n'),
          { do: 'write', in: signals, path: 'at-work', content: '' },
          { do: 'wait-for', file: path.join(signals, 'go') },
          ...change('two.txt', 'two\n'),
          done(),
        ]),
      ],
    }),
    env: { LOG_LEVEL: 'trace' },
  })
  onTestFinished(() => yard.close())
  const task = yard.task({ title: 'Watched', label: 'switchyard:build' })
  const signalled = yard.signalFile('at-work')
  await vi.waitFor(() => readFile(signalled), { timeout: 90_000, interval: 50 })

  const secrets = (): Secret[] => [
    { name: "the App's key", value: yard.world.env.PRIVATE_KEY ?? '' },
    { name: 'the webhook secret', value: yard.world.env.WEBHOOK_SECRET ?? '' },
    { name: "the runner's secret", value: yard.world.env.RUNNER_SECRET ?? '' },
    { name: "the model's key", value: MODEL_KEY },
    ...yard.github
      .inspect()
      .tokens()
      .map((value, index) => ({ name: `installation token ${index}`, value })),
  ]
  expect(secrets().length).toBeGreaterThan(4)
  const dataDir = yard.world.env.DATA_DIR ?? ''

  const work = await processes()
  expect(work.map(({ text }) => text).join('\n')).toContain('scripted-agent')
  expect(secretsIn(secrets(), work)).toEqual([])
  expect(secretsIn(secrets(), await files(dataDir))).toEqual([])

  // The search finds what is there: in a process, in a file, in another form.
  const [, webhook, runner] = secrets()
  if (webhook === undefined || runner === undefined) throw new Error('there are no secrets')
  const planted = spawn('sleep', ['300'], { env: { PLANTED: runner.value } })
  onTestFinished(() => void planted.kill('SIGKILL'))
  await new Promise((resolve) => planted.once('spawn', resolve))
  const file = path.join(dataDir, 'planted')
  await writeFile(file, `x ${Buffer.from(`user:${webhook.value}`).toString('base64')} y`)
  const seen = [...(await processes()), ...(await files(dataDir))]
  const found = secretsIn([webhook, runner], seen)
  expect(found).toContainEqual({ secret: webhook.name, where: file })
  expect(found).toContainEqual({ secret: runner.name, where: `process ${planted.pid} sleep 300` })
  await writeFile(file, '')

  await yard.signal('go')
  await task.until('ready')
  const told = [
    { where: 'the log', text: yard.log.last(Number.POSITIVE_INFINITY).join('\n') },
    { where: 'GitHub', text: posted(yard) },
  ]
  expect(told.every(({ text }) => text.length > 100)).toBe(true)
  expect(secretsIn(secrets(), [...told, ...(await files(dataDir))])).toEqual([])

  const all = secrets()
  await yard.stopAndRead(async (store) => {
    if (store.kind !== 'pglite') throw new Error('this test reads the embedded store')
    const { rows: tables } = await store.raw.query<{ quoted: string; name: string }>(
      "select format('%I.%I', table_schema, table_name) as quoted, table_schema || '.' || table_name as name from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema')",
    )
    const stored: Text[] = []
    for (const { quoted, name } of tables) {
      const { rows } = await store.raw.query<{ row: string }>(`select to_jsonb(t)::text as row from ${quoted} t`)
      stored.push({ where: `table ${name}`, text: rows.map(({ row }) => row).join('\n') })
    }
    expect(stored.filter(({ text }) => text !== '').map(({ where }) => where)).toEqual(
      expect.arrayContaining(['table public.runs', 'table public.jobs', 'table public.outbox', 'table public.deliveries']),
    )
    expect(secretsIn(all, stored)).toEqual([])
    // Its own search of a table: the run's id is in it.
    const run = /switchyard\/\S*-(\w+)/.exec(task.pulls('acme/solo')[0]?.pull.headRef ?? '')?.[1] ?? ''
    expect(secretsIn([{ name: 'the run', value: run }], stored).map(({ where }) => where)).toContain('table public.jobs')
  })
})

test('the forms of a secret: as it is, in base64 wherever it begins, URL-encoded, escaped, a key by its lines', () => {
  const value = 'a+b/c=d e%f0123456789'
  for (const before of ['', 'x', 'xy', 'xyz']) {
    const encoded = Buffer.from(`${before}${value}tail`)
    for (const text of [encoded.toString('base64'), encoded.toString('base64url'), encodeURIComponent(`${before}${value}`)]) {
      expect(secretsIn([{ name: 'it', value }], [{ where: 'here', text: `…${text}…` }])).toEqual([
        { secret: 'it', where: 'here' },
      ])
    }
  }
  expect(secretsIn([{ name: 'it', value }], [{ where: 'here', text: value.slice(1) }])).toEqual([])
  expect(formsOf(`-----BEGIN KEY-----\n${'k'.repeat(64)}\n-----END KEY-----`)).toContain('k'.repeat(64))
})

interface Text {
  where: string
  text: string
}

/** Arguments and environment of every process that this one may look at. */
async function processes(): Promise<Text[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  return await Promise.all(
    pids.map(async (pid) => {
      const parts = ['cmdline', 'environ'].map((part) => readFile(`/proc/${pid}/${part}`, 'latin1').catch(() => ''))
      const [args = '', environment = ''] = await Promise.all(parts)
      return { where: `process ${pid} ${args.split('\0').slice(0, 3).join(' ')}`.trim(), text: `${args}\0${environment}` }
    }),
  )
}

/** Every file below a folder; what goes away meanwhile is left out. */
async function files(folder: string): Promise<Text[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const texts = await Promise.all(
    names
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const file = path.join(entry.parentPath, entry.name)
        return { where: file, text: await readFile(file, 'latin1').catch(() => '') }
      }),
  )
  return texts.filter(({ text }) => text !== '')
}

/** Everything that stands on GitHub in words. */
function posted({ github }: Yard): string {
  const seen = github.inspect()
  return seen
    .repositories()
    .flatMap((name) => [
      ...seen
        .issues(name)
        .flatMap(({ number, title, body }) => [title, body, ...seen.comments(name, number).map((each) => each.body)]),
      ...seen
        .pulls(name)
        .flatMap(({ issue }) => [issue.title, issue.body, ...seen.comments(name, issue.number).map((each) => each.body)]),
      ...[...seen.repository(name).checkRuns.values()].map((run) => JSON.stringify(run.output)),
    ])
    .join('\n')
}
