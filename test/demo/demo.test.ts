import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MOST_MS, startDemo } from './demo-run.ts'

describe('the demo as a program, with --json and --keep', () => {
  const demo = startDemo()
  const { address, result, stage, folder } = demo
  const page = async (at: string) => (await fetch(at)).text()
  const pull = (index: number) => {
    const found = result().pullRequests[index]
    if (found === undefined) throw new Error(`there is no pull request ${index}`)
    return found
  }
  let story = ''

  beforeAll(async () => {
    await demo.ready
    story = demo.story()
  }, MOST_MS)
  afterAll(() => demo.clear())

  test('[CS-5] both pull requests are merged, the provider first, each at the head whose checks were green', async () => {
    const { pullRequests, status, pipeline } = result()
    expect([status, pipeline]).toEqual(['done', 'default'])
    expect(pullRequests.map(({ repository, merged }) => [repository, merged])).toEqual([
      ['acme/api', true],
      ['acme/storefront', true],
    ])
    expect(pullRequests.map(({ headSha }) => headSha)).toEqual(pullRequests.map(({ checkedSha }) => checkedSha))
    expect(Date.parse(pull(0).mergedAt)).toBeLessThanOrEqual(Date.parse(pull(1).mergedAt))

    const moments = await Promise.all(
      pullRequests.map(async ({ repository, headSha }) => {
        const dir = path.join(folder(), 'github/repositories', `${repository}.git`)
        const { stdout: log } = await promisify(execFile)('git', ['log', '--merges', '--format=%P %ct', 'main'], { cwd: dir })
        const [, second, seconds] = log.trim().split(' ')
        expect(second).toBe(headSha)
        return Number(seconds)
      }),
    )
    expect(moments[0]).toBeLessThanOrEqual(moments[1] ?? 0)
    expect(story).toContain('✓ the provider was merged first')
    expect(story).toContain('✓ each merge call carried the head’s sha')
  })

  test('[CS-2] the third repository has no branch and no pull request', () => {
    expect(result().untouched).toEqual(['acme/docs'])
    expect(existsSync(path.join(folder(), 'github/repositories/acme/docs.git/refs/heads/main'))).toBe(true)
    expect(existsSync(path.join(folder(), 'github/repositories/acme/docs.git/refs/heads/switchyard'))).toBe(false)
  })

  test('[CS-1] one branch name and one draft per changed repository, linked to each other; the issue is not closed before the last merge', async () => {
    const urls = result().pullRequests.map(({ repository, number }) => `${address('GitHub')}/${repository}/pull/${number}`)
    const [api = '', storefront = ''] = await Promise.all(urls.map(page))
    const branch = (text: string) => /<p>(switchyard\/\S+) into main/.exec(text)?.[1]
    expect(branch(api)).toBeDefined()
    expect(branch(storefront)).toBe(branch(api))
    expect(api).toContain(`acme/storefront/pull/${pull(1).number}`)
    expect(storefront).toContain(`acme/api/pull/${pull(0).number}`)
    // The API is merged first: closing the issue with it would be too early.
    expect(api).not.toContain('Closes #1')
    expect(storefront).not.toContain('Closes #1')
    expect(story.match(/Draft pull request opened/g)).toHaveLength(2)
  })

  test('[CMD-1] [CMD-9] the start label was taken off, and the one state label says done', async () => {
    const text = await page(address('Issue'))
    const labels = [...text.matchAll(/<span class="label">([^<]*)<\/span>/g)].map(([, name]) => name)
    expect(labels).toEqual(['switchyard/done'])
    expect(story).toMatch(/mona labels it .*\n.*Taken as run/)
  })

  test('[CMD-6] the issue has one status comment, edited in place', async () => {
    const text = await page(address('Issue'))
    expect(text.match(/switchyard:status run=/g)).toHaveLength(1)
    expect(text).toContain('Switchyard · merged')
    expect(story.match(/Status comment posted/g)).toHaveLength(1)
    expect(story).toMatch(/PATCH \/repos\/\{owner\}\/\{repo\}\/issues\/comments\/\{comment_id\}/)
  })

  test('[CMD-7] [STP-8] the plan is approved by ticking its checkbox, which names its hash', () => {
    const hash = /Plan ([0-9a-f]+) posted/.exec(story)?.[1] ?? 'no plan'
    expect(story).toMatch(new RegExp(`mona ticks the checkbox .*${hash}`))
    expect(story).toMatch(new RegExp(`Approved .*plan ${hash}, by mona`))
    expect(stage('approval')).toMatchObject({ status: 'done', attempts: 1 })
  })

  test('[GATE-1] an agent is sent only when CI is red, once for that evidence, and the gate asks again after it', () => {
    const order = ['CI is red', 'Watching the checks', 'Fixer at work', 'Pushed', 'CI is green', 'All checks are green']
    let from = 0
    for (const step of order) {
      from = story.indexOf(step, from)
      expect(from, `${step} after ${order[order.indexOf(step) - 1]}`).toBeGreaterThan(-1)
    }
    expect(story.match(/Fixer at work/g)).toHaveLength(1)
    expect(story).toContain('✖ the discount is taken off the price')
  })

  test('[STP-7] the companion sends the coder back once, and accepts the rework by its rating', () => {
    expect(story).toMatch(/Companion has a remark .*rated 0\.6[\s\S]*Coding again[\s\S]*Companion has no remark .*rated 0\.95/)
    expect(stage('code')).toMatchObject({ status: 'done', attempts: 2 })
    expect(stage('review')).toMatchObject({ status: 'done' })
  })

  test('[STP-11] without commands in the configuration the validation is skipped, and says why', () => {
    expect(story).toMatch(/Skipped: validate +no validation commands are configured/)
    expect(stage('validate')).toMatchObject({ status: 'skipped' })
  })

  test('its writes to GitHub stay within the budget of a run, and it says what they would have cost at GitHub’s pace', () => {
    expect(result().githubWrites).toBeLessThan(80)
    expect(story).toMatch(/At GitHub’s pace they would have taken [\d.]+ s/)
  })

  test('it says what is not real, and leaves no colours where nobody sees them', () => {
    expect(story).toContain('not a model')
    expect(story).toContain('Sandbox  off in the demo')
    expect(story).not.toContain('\u001b')
    expect(demo.stdout().trimEnd().split('\n')).toHaveLength(1)
  })

  test('with --keep everything stays up until Ctrl-C, and then it ends well', async () => {
    expect((await fetch(address('Dashboard'))).status).toBe(200)
    demo.child.kill('SIGINT')
    expect(await demo.ended).toEqual([0, null])
    await expect(fetch(address('GitHub'))).rejects.toThrow()
  }, 60_000)
})
