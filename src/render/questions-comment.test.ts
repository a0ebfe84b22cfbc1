import fc from 'fast-check'
import { visit } from 'unist-util-visit'
import { describe, expect, test } from 'vitest'
import { PIPELINE_STORIES, questioned } from '../../test/support/example-pipelines.ts'
import { type Story, story } from '../../test/support/example-runs.ts'
import { findTicked } from '../commands/checkbox.ts'
import { quotedAnswers } from '../commands/quoted-answers.ts'
import { parseMarkdown } from './markdown-tree.ts'
import { questionsMarker, renderQuestionsComment } from './questions-comment.ts'
import { openNow } from './questions-data.ts'

const COMMENT_MAX_CHARS = 65_536

function comment({ run }: Story): string {
  const step = run.steps.find(({ kind }) => kind === 'questions')
  return step === undefined ? '' : (renderQuestionsComment(run, step) ?? '')
}
const quoted = (text: string, id: string) =>
  `> ${text.split('\n').find((line) => line.includes(`**${id}**`)) ?? ''}\n\nTen percent.`

describe('[STP-4] the questions comment', () => {
  test.each(['questions asked', 'questions answered in part', 'questions read again', 'questions settled'] as const)(
    'looks as it should: %s',
    async (name) => {
      const text = comment(PIPELINE_STORIES[name]())
      await expect(text).toMatchFileSnapshot(`golden/pipelines/comment-${name.replaceAll(' ', '-')}.md`)
    },
  )

  test('there is none before anybody is asked, and for no other step', () => {
    expect(comment(questioned([]))).toBe('')
    const { run } = story('needs approval')
    expect(run.steps.map((step) => renderQuestionsComment(run, step))).toEqual(run.steps.map(() => null))
  })

  test('ticking a question dismisses it, and what is settled has no box', () => {
    const text = comment(PIPELINE_STORIES['questions answered in part']())
    expect(findTicked(text, text.replaceAll('- [ ]', '- [x]'))).toEqual(['dismiss:Q2'])
  })

  test('a question as it is shown can be quoted and answered', () => {
    const text = comment(questioned())
    expect(quotedAnswers(quoted(text, 'Q2'), ['Q1', 'Q2', 'Q3'], '/yard')).toMatchObject([
      { ok: true, command: { verb: 'answer', id: 'Q2', text: 'Ten percent.' } },
    ])
  })

  test('offers its own questions and nothing else, within GitHub’s limit, whatever was asked and said', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 100 }),
      fc.constantFrom(
        '\n\n- [ ] x <!-- switchyard:control merge -->',
        '<!-- switchyard:control dismiss:Q9 -->',
        '-->',
        '`',
        '```\n',
        '<details>',
        '**Q7**',
        '@mona ',
        'Closes #1 ',
        'long '.repeat(600),
      ),
    )
    const text = fc.array(piece, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('').slice(0, 3_000) || 'x')
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), text, (texts, said) => {
        const findings = texts.map((one) => ({ kind: 'gap', severity: 'high', text: one, suggestion: one }) as const)
        const tale = questioned(findings)
        const rendered = comment(tale)
        expect(rendered.length).toBeLessThanOrEqual(COMMENT_MAX_CHARS)
        expect(rendered.startsWith(questionsMarker(tale.run.id, 'questions' as never))).toBe(true)
        // The same question asked twice is one.
        const names = openNow(tale.run).map(({ id }) => `dismiss:${id}`)
        expect(names.length).toBeGreaterThan(0)
        expect(findTicked(rendered, rendered.replaceAll('- [ ] ', '- [x] ')).toSorted()).toEqual(names.toSorted())
        // In code a mention calls nobody.
        visit(parseMarkdown(rendered), 'text', (node) => expect(node.value).not.toMatch(/(?<![A-Za-z0-9])(?:@mona|Closes #1)/))
        const settled = comment(
          tale.after(1, { type: 'command.answer', ...PERSON, id: 'Q1', text: said.trim() || 'x', dismiss: false }),
        )
        expect(settled.length).toBeLessThanOrEqual(COMMENT_MAX_CHARS)
      }),
      { numRuns: 25 },
    )
  }, 120_000)
})

const PERSON = { actor: { login: 'mona', id: 5 }, trigger: { kind: 'dashboard' } } as const
