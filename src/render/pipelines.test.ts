import { visit } from 'unist-util-visit'
import { describe, expect, test } from 'vitest'
import { PIPELINE_STORIES } from '../../test/support/example-pipelines.ts'
import { parseMarkdown } from './markdown-tree.ts'
import { renderStatusComment } from './status-comment.ts'
import { statusView } from './view.ts'

const MINUTE_MS = 60_000
const input = {
  queue: null,
  progress: null,
  serverUrl: 'https://github.example',
  dashboardUrl: 'https://yard.example/runs/k3f9',
  questionsUrl: 'https://github.example/acme/web/issues/7#issuecomment-9',
}
const NAMES = Object.keys(PIPELINE_STORIES) as (keyof typeof PIPELINE_STORIES)[]

function status(name: keyof typeof PIPELINE_STORIES): string {
  const { run, now } = PIPELINE_STORIES[name]()
  return renderStatusComment(statusView({ ...input, run, now: now + 4 * MINUTE_MS }))
}

describe('[CMD-6] the status comment of every pipeline', () => {
  test.each(NAMES)('looks as it should: %s', async (name) => {
    await expect(status(name)).toMatchFileSnapshot(`golden/pipelines/${name.replaceAll(/[^a-z]+/g, '-')}.md`)
  })

  test.each(NAMES)('is well-formed: %s', (name) => {
    const text = status(name)
    const html: string[] = []
    visit(parseMarkdown(text), 'html', (node) => {
      html.push(node.value)
    })
    const opened = html.filter((value) => value.startsWith('<details>')).length
    expect(html.filter((value) => value === '</details>')).toHaveLength(opened)
    expect(text).not.toMatch(/undefined|NaN|\[object|null/)
  })
})
