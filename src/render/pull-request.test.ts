import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PIPELINE_STORIES } from '../../test/support/example-pipelines.ts'
import { API, type Story, story, WEB } from '../../test/support/example-runs.ts'
import { StepId } from '../contract/ids.ts'
import type { Run } from '../pipeline/model.ts'
import { legOf } from '../pipeline/state.ts'
import { pullRequestMarker, renderPullRequest } from './pull-request.ts'

const TEMPLATE = `## What does this change?
<!-- Describe it. -->

## How was it tested?

## Checklist
- [ ] I read the guide
`

function render(tale: Story, key = API, template: string | null = null) {
  return renderPullRequest({ run: tale.run, leg: legOf(tale.run, key), template })
}

function withSummary(run: Run, summary: string, title: string): Run {
  const steps = run.steps.map((step) =>
    step.output?.kind === 'agent' ? { ...step, output: { ...step.output, summary, title } } : step,
  )
  return { ...run, steps }
}

describe('[CS-1] the pull requests of a set', () => {
  test('say what and why, how it was checked, and what belongs together', async () => {
    const tale = story('asking for checks').checks(2, 'success')
    await expect(render(tale, WEB).body).toMatchFileSnapshot('golden/pull-request-primary.md')
    await expect(render(tale, API).body).toMatchFileSnapshot('golden/pull-request-provider.md')
    expect(render(tale, WEB).title).toBe('Show discounts on items')
  })

  test('fill in the repository’s template', async () => {
    const { body } = render(story('reviewing'), WEB, TEMPLATE)
    await expect(body).toMatchFileSnapshot('golden/pull-request-template.md')
    for (const line of ['## What does this change?', '## How was it tested?', '## Checklist', '- [ ] I read the guide'])
      expect(body).toContain(line)
    expect(body.indexOf('Items carry a discount')).toBeGreaterThan(body.indexOf('## What does'))
    expect(body.indexOf('npm test')).toBeGreaterThan(body.indexOf('## How was'))
  })

  test('close the issue only from its own repository', () => {
    const tale = story('reviewing')
    expect(render(tale, WEB).body).toMatch(/^Closes #7$/m)
    expect(render(tale, API).body).not.toMatch(/closes/i)
    expect(render(tale, API).body).toContain('Part of [acme/web#7]')
  })

  test('tell what was decided and skipped on the way', () => {
    const skipped = PIPELINE_STORIES['skipped by a person']()
    const decided = { step: StepId.parse('code'), question: 'Before or after tax?', answer: '@mona After', by: 'hubot' }
    const { body } = renderPullRequest({
      run: { ...skipped.run, decisions: [decided] },
      leg: legOf(skipped.run, WEB),
      template: null,
    })
    expect(body).toContain('- The step review was skipped by mona: only a typo')
    expect(body).toContain('- Before or after tax? hubot decided: @\u200bmona After')
  })

  test('begin with their marker and render the same twice', () => {
    const tale = story('reviewing')
    expect(render(tale).body.startsWith(pullRequestMarker(tale.run.id, API))).toBe(true)
    expect(render(tale)).toEqual(render(tale))
  })

  test('whatever the agent wrote, they stay within limits and close nothing else', () => {
    const { run } = story('reviewing')
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 500 }),
      fc.constantFrom('Closes #1', 'fixes acme/web#9\n', '@mona', '</details>', '![a](https://evil.example/x)'),
    )
    fc.assert(
      fc.property(fc.array(text, { maxLength: 60 }), fc.option(text), (parts, template) => {
        const changed = withSummary(run, parts.join(' ').slice(0, 20_000) || 'x', parts.join('').slice(0, 200))
        const { title, body } = renderPullRequest({
          run: changed,
          leg: legOf(changed, WEB),
          template: template?.replaceAll(/closes|fixes/gi, '') ?? null,
        })
        expect(title.length).toBeLessThanOrEqual(120)
        expect(title).not.toBe('')
        expect(body.length).toBeLessThanOrEqual(65_536)
        expect(body.match(/\b(?:close[sd]?|fix(?:e[sd])?)\s*:?\s+(?:#|acme)/gi)).toEqual(['Closes #'])
      }),
      { numRuns: 60 },
    )
  })
})
