/** What an agent does that does well: all seen on one job over two repositories. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { NONCE } from '../../runner/workshop.ts'
import { type Column, type Finished, finished, report, shell } from './cell.ts'
import { BRANCH, type Plan, type Stand, type TriedJob } from './stand.ts'
import { VENDORS_KEY, vendors } from './vendors.ts'

const TOKENS = { input: 100, output: 20, cacheRead: 10 }
/** What many agents ask a person before they do it: a program that has just been written, and deleting for good. */
const RUNS = `printf '#!/bin/sh\\necho ran > ran.txt\\n' > run.sh && chmod 755 run.sh && ./run.sh`
/** What it is given and where it is, for the host to read later. */
const LOOKS = `{ env; cat /proc/sys/kernel/hostname; } > "$HOME/seen.txt"`

const plan: Plan = ({ api, web }) =>
  [
    { say: 'I will write it.', tools: [{ do: 'write' as const, path: `${api}/hello.txt`, content: 'helo\n' }] },
    { say: '', tools: [{ do: 'edit' as const, path: `${api}/hello.txt`, from: 'helo', to: 'hello' }] },
    { say: '', tools: [shell(`cd '${api}' && git add -A && git commit -qm 'Add hello'`)] },
    { say: '', tools: [{ do: 'write' as const, path: `${web}/note.txt`, content: 'note\n' }] },
    { say: '', tools: [shell(`cd '${api}' && ${RUNS}`)] },
    { say: '', tools: [shell(`cd '${api}' && rm -rf src`)] },
    { say: '', tools: [shell(LOOKS)] },
    report({ checks: [{ command: './run.sh', ok: true }], mood: 'good' }),
    { say: 'FINAL-WORDS' },
  ].map((turn) => ({ ...turn, tokens: TOKENS }))

export interface Work {
  job: TriedJob
  result: Finished
}

/** The job that most columns look at. */
export async function doWork(stand: Stand): Promise<Work> {
  const job = await stand.start(await stand.open(), plan)
  return { job, result: finished(await job.done) }
}

export function workColumns(work: (stand: Stand) => Promise<Work>): Column[] {
  const show = ({ job }: Work, repository: string, file: string) => job.shop.git(repository, 'show', `${BRANCH}:${file}`)
  return [
    {
      title: 'edits and commits',
      shows: '[JOB-7]',
      promise:
        'Its own tools write and change files, its commits are pushed, and what it forgot to commit is committed for it.',
      async check(stand) {
        const done = await work(stand)
        assert.equal(await show(done, 'acme/api', 'hello.txt'), 'hello')
        assert.match(await done.job.shop.git('acme/api', 'log', '--format=%s', BRANCH), /^Add hello$/m)
        const web = done.result.legs.find(({ key }) => key === 'acme__web')
        assert.deepEqual(web?.committedForAgent, ['note.txt'])
        return ''
      },
    },
    {
      title: 'several repositories',
      shows: '[JOB-4]',
      promise: 'It works in two repositories side by side, and both branches are pushed.',
      async check(stand) {
        const done = await work(stand)
        assert.equal(await show(done, 'acme/web', 'note.txt'), 'note')
        assert.deepEqual(
          done.result.legs.map(({ key, push }) => [key, push.status]),
          [
            ['acme__api', 'pushed'],
            ['acme__web', 'pushed'],
          ],
        )
        return ''
      },
    },
    {
      title: 'structured report',
      shows: '[REP-1] [REP-2]',
      promise: 'Its report arrives with the nonce of the job, checked, with fields that we do not know kept.',
      async check(stand) {
        const { result } = await work(stand)
        const { nonce, status, checks, mood } = result.report
        const expected = { nonce: NONCE, status: 'success', checks: [{ command: './run.sh', ok: true }], mood: 'good' }
        assert.deepEqual({ nonce, status, checks, mood }, expected)
        return ''
      },
    },
    {
      title: 'usage read',
      shows: '[AGT-4]',
      promise: 'The tokens of every answer of the model are counted once; what the runtime does not tell stays unknown.',
      async check(stand) {
        const { job, result } = await work(stand)
        const { usage, cost } = stand.subject.runtime(vendors(job.model.url)).capabilities
        const answers = job.model.turns().length
        const { inputTokens, outputTokens, cacheReadTokens, costUsd } = result.usage
        if (!usage) assert.equal(inputTokens, undefined)
        else {
          const counted = { input: inputTokens, output: outputTokens, cacheRead: cacheReadTokens }
          const all = { input: answers * TOKENS.input, output: answers * TOKENS.output, cacheRead: answers * TOKENS.cacheRead }
          assert.deepEqual(counted, all)
        }
        const priced = costUsd !== undefined && costUsd > 0
        if (!cost) assert.equal(costUsd, undefined)
        return [usage ? 'tokens' : 'unknown', ...(priced ? ['cost'] : [])].join(', ')
      },
    },
    {
      title: 'sandbox and gateway',
      shows: '[SPD-1]',
      promise:
        "It works inside the sandbox and has no vendor's key; each of its calls went through the job's gateway, which counted it.",
      async check(stand) {
        const { job } = await work(stand)
        const seen = await readFile(path.join(job.home, 'seen.txt'), 'utf8')
        assert.match(seen, /^sandbox$/m)
        assert.ok(!seen.includes(VENDORS_KEY) && !seen.includes(job.model.url))
        const keys = job.model.log.map(({ headers }) => JSON.stringify(headers).includes(VENDORS_KEY))
        assert.ok(keys.every((key) => key))
        const { ended } = job.shop.app.modelCalls
        const counted = ended.map(({ outcome, usage }) => [
          outcome,
          usage.inputTokens,
          usage.outputTokens,
          usage.cacheReadTokens,
        ])
        const each = ['done', TOKENS.input, TOKENS.output, TOKENS.cacheRead]
        assert.deepEqual(counted, Array(job.model.turns().length).fill(each))
        return ''
      },
    },
    {
      title: 'permission prompt',
      shows: '',
      promise:
        'What it would ask a person before, it does without asking, as nobody is there to answer; what it refuses, it refuses at once.',
      async check(stand) {
        const done = await work(stand)
        assert.equal(await show(done, 'acme/api', 'ran.txt'), 'ran')
        const left = await done.job.shop.git('acme/api', 'ls-tree', '--name-only', BRANCH)
        return left.split('\n').includes('src') ? 'refuses `rm -rf`' : ''
      },
    },
  ]
}
