import { execFile } from 'node:child_process'
import path from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MOST_MS, startDemo } from './demo-run.ts'
import { changelog, FAILING_CASE, FIX_ENTRY, OTHER_ENTRY } from './scenarios/bugfix/repository.ts'
import { ANSWER, QUESTION, REMARK } from './scenarios/bugfix/script.ts'

const run = promisify(execFile)

describe('the demo of the pipeline bugfix', () => {
  const demo = startDemo('--pipeline', 'bugfix')
  const { result, stage, address, folder } = demo
  const page = async (at: string) => (await fetch(at)).text()
  const repository = () => path.join(folder(), 'github/repositories/acme/api.git')
  const git = async (...args: string[]) => (await run('git', args, { cwd: repository() })).stdout.trim()
  const head = () => result().pullRequests[0]?.headSha ?? ''
  let story = ''

  beforeAll(async () => {
    await demo.ready
    story = demo.story()
  }, MOST_MS)
  afterAll(() => demo.clear())

  /** These lines of the story come in this order. */
  function inOrder(...lines: readonly string[]): void {
    let from = 0
    for (const line of lines) {
      const at = story.indexOf(line, from)
      expect(at, `“${line}” after the lines before it`).toBeGreaterThan(-1)
      from = at + line.length
    }
  }

  test('[STP-19] the pipeline goes from the diagnosis to the merge, and everything it claims is so', () => {
    expect(result()).toMatchObject({
      status: 'done',
      pipeline: 'bugfix',
      pullRequests: [{ repository: 'acme/api', merged: true }],
    })
    const steps = result().stages.map(({ step }) => step)
    expect(steps).toEqual(['investigate', 'clarity', 'code', 'companion', 'validate', 'conflicts', 'ci', 'review', 'merge'])
    expect(result().stages.every(({ status }) => status === 'done')).toBe(true)
    expect(story).not.toContain('NOT SO')
  })

  test('the bug is real: its case fails at the first commit, and passes on main', async () => {
    const first = await git('rev-list', '--max-parents=0', 'main')
    expect(await caseAt(first, 'first')).toMatchObject({ code: 1, stdout: 'GET /items?sort=price answers 404\n' })
    expect(await caseAt('main', 'now')).toMatchObject({ stdout: 'GET /items?sort=price answers 200\n' })
  })

  test('[STP-5] the diagnosis is told with its evidence before anything is changed', () => {
    inOrder('Investigating', 'The cause is found', 'src/server.mjs:7', 'Remedy: Compare the path alone.', 'Coding')
    expect(stage('investigate')).toMatchObject({ attempts: 1 })
  })

  test('[STP-4] the question is answered by quoting it, read again, and then nothing is open', async () => {
    inOrder(QUESTION, 'mona quotes it and answers', 'Looking for what is open again', 'Nothing is open', 'Coding')
    const issue = await page(address('Issue'))
    expect(issue.match(/switchyard:questions run=/g)).toHaveLength(1)
    expect(issue).toContain(ANSWER.replaceAll("'", '&#39;'))
    expect(stage('clarity')).toMatchObject({ attempts: 2 })
  })

  test('[STP-11] a red command sends the work back with what it printed; then every command is green', () => {
    inOrder(
      'Green: tests',
      'Red: changelog',
      'CHANGELOG.md has no line about this change.',
      'Sent back to the coder',
      'Coding again',
      'Green: tests',
      'Green: changelog',
    )
    expect(story.match(/Red: /g)).toHaveLength(1)
  })

  test('[GATE-6] a conflict with main is resolved by one merge commit, and nothing is forced', async () => {
    inOrder('hubot pushes to main', 'Resolver at work', 'Pushed', 'It merges cleanly')
    expect(story.match(/Resolver at work/g)).toHaveLength(1)
    const [merge = '', ...more] = (await git('log', '--merges', '--format=%H %P', head())).split('\n')
    expect(more).toEqual([])
    const [, ours = '', theirs = ''] = merge.split(' ')
    expect(await git('log', '-1', '--format=%an %s', theirs)).toBe('hubot Say how to start the API')
    expect(await git('log', '-1', '--format=%s', ours)).toBe('Say it in the changelog')
    expect(await git('show', 'main:CHANGELOG.md')).toBe(changelog(FIX_ENTRY, OTHER_ENTRY).trim())
    expect(story).toContain('✓ nothing was ever pushed by force')
  })

  test('[GATE-7] the remark is answered by a change, in place, and resolved; the approval is of the merged head', async () => {
    inOrder('hubot requests changes', REMARK, 'Responder at work', 'Pushed', 'Answered and resolved', 'hubot approves')
    expect(story).toContain('✓ the conversation of the review is answered in place, and resolved')
    expect(story).toContain('✓ hubot approved exactly the commit that was merged')
    expect(await git('show', 'main:src/server.mjs')).toContain("request.url.split('?')")
  })

  test('with --keep it stays up until Ctrl-C, and then it ends well', async () => {
    expect((await fetch(address('Dashboard'))).status).toBe(200)
    demo.child.kill('SIGINT')
    expect(await demo.ended).toEqual([0, null])
  }, 60_000)

  /** Runs the case of the report in a checkout of a commit. */
  async function caseAt(commit: string, name: string) {
    const checkout = path.join(folder(), `case-${name}`)
    await run('git', ['clone', '--quiet', '--no-checkout', repository(), checkout])
    await run('git', ['checkout', '--quiet', commit], { cwd: checkout })
    return run(process.execPath, ['-e', FAILING_CASE], { cwd: checkout }).catch(
      (error: { code: number; stdout: string }) => error,
    )
  }
})
