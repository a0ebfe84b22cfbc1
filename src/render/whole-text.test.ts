import { expect, test } from 'vitest'
import { PLAN, type Story, story } from '../../test/support/example-runs.ts'
import { parseMarkdown } from './markdown-tree.ts'
import { renderStatusComment } from './status-comment.ts'
import { statusView } from './view.ts'
import { renderWholeText } from './whole-text.ts'

const COMMENT_MAX_CHARS = 65_536
const URL = 'https://github.example/acme/web/issues/7#issuecomment-5'

function planned(files: number): Story {
  const many = Array.from({ length: files }, (_, index) => ({
    repository: 'acme/api',
    path: `src/module-${index}.js`,
    change: `Change number ${index}: ${'as it should be '.repeat(50)}`,
  }))
  return story('planning').job(2, { summary: 'Planned.', plan: { ...PLAN, files: many } })
}

function parts({ run }: Story): string[] {
  return run.steps.flatMap((step) => renderWholeText(run, step))
}

function status(tale: Story): string {
  const input = { queue: null, progress: null, serverUrl: 'https://github.example', dashboardUrl: null }
  return renderStatusComment(statusView({ ...input, run: tale.run, now: tale.now, wholeUrls: { plan: URL } }))
}

test('[STP-8] a plan that is too long for the status comment stands in comments of its own, and is linked', () => {
  const tale = planned(300)
  const whole = parts(tale)
  expect(whole.length).toBeGreaterThan(1)
  for (const [index, part] of whole.entries()) {
    expect(part.length).toBeLessThanOrEqual(COMMENT_MAX_CHARS)
    expect(part).toContain(`<!-- switchyard:whole run=k3f9 step=plan part=${index + 1} -->`)
    expect(part).toMatch(
      new RegExp(`^### Switchyard · the whole plan \`[0-9a-f]{7}\`, part ${index + 1} of ${whole.length}$`, 'm'),
    )
    expect(() => parseMarkdown(part)).not.toThrow()
  }
  const all = whole.join('\n')
  for (let file = 0; file < 300; file += 1) expect(all).toContain(`\`src/module-${file}.js\`: Change number ${file}:`)
  const shown = status(tale)
  expect(shown.length).toBeLessThanOrEqual(COMMENT_MAX_CHARS)
  expect(shown).toContain(`Shortened. [The whole plan](${URL}) is in a comment of its own.`)
  expect(shown).toMatch(/… and \d+ more/)
})

test('a plan that fits is shown in full, with every file, and has no comment of its own', () => {
  const tale = planned(40)
  expect(parts(tale)).toEqual([])
  const shown = status(tale)
  expect(shown).not.toContain('Shortened')
  for (let file = 0; file < 40; file += 1) expect(shown).toContain(`src/module-${file}.js`)
})
