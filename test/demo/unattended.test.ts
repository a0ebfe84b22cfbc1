import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MOST_MS, startDemo } from './demo-run.ts'

describe('the demo of the pipeline unattended', () => {
  const demo = startDemo('--pipeline', 'unattended')
  const { result, stage, address } = demo
  let story = ''

  beforeAll(async () => {
    await demo.ready
    story = demo.story()
  }, MOST_MS)
  afterAll(() => demo.clear())

  test('[STP-19] from the estimate to the merge, and everything it claims is so', () => {
    expect(result()).toMatchObject({ status: 'done', pipeline: 'unattended', untouched: ['acme/docs'] })
    expect(result().stages.map(({ step, status }) => `${step} ${status}`)).toEqual(
      ['estimate', 'plan', 'code', 'companion', 'validate', 'conflicts', 'ci', 'merge'].map((step) => `${step} done`),
    )
    expect(story).not.toContain('NOT SO')
  })

  test('[STP-3] the estimate comes first, with a reason for each axis', () => {
    expect(story.indexOf('Estimated')).toBeLessThan(story.indexOf('Planning'))
    expect(story).toMatch(
      /Estimated +complexity 0\.35, risk 0\.2, impact 0\.3\n +Two repositories.*\n +A field is added.*\n +Customers see/,
    )
    expect(stage('plan')).toMatchObject({ attempts: 1 })
  })

  test('[STP-11] the commands run in both repositories, side by side', () => {
    expect(story).toMatch(/Green: tests \(acme\/api\) +node --test/)
    expect(story).toMatch(/Green: tests \(acme\/storefront\) +node --test/)
  })

  test('[CS-7] it merges on the policy’s word, by an assessment of exactly the merged heads; nobody is asked anything', async () => {
    expect(story).toMatch(/Asked the merge policy +the merge policy allows it without a person/)
    expect(story).toContain('✓ it was merged on the policy’s word')
    expect(story).toContain('✓ the assessment is of exactly the merged heads, and under the policy’s ceilings')
    expect(story).toContain('✓ no person wrote a comment or a review, or ticked a box')
    expect(story.match(/◆/g)).toHaveLength(2)
    expect(
      result().pullRequests.map(({ repository, merged, headSha, checkedSha }) => [repository, merged, headSha === checkedSha]),
    ).toEqual([
      ['acme/api', true, true],
      ['acme/storefront', true, true],
    ])
    const issue = await (await fetch(address('Issue'))).text()
    expect(issue).toContain('Switchyard · merged')
  })

  test('with --keep it stays up until Ctrl-C, and then it ends well', async () => {
    demo.child.kill('SIGINT')
    expect(await demo.ended).toEqual([0, null])
  }, 60_000)
})
