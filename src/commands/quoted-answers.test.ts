import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeCommandError } from './parse.ts'
import { quotedAnswers } from './quoted-answers.ts'

const OPEN = ['Q1', 'Q2', 'Q3']
const read = (markdown: string, open = OPEN) =>
  quotedAnswers(markdown, open, '/yard').map((parsed) => {
    if (!parsed.ok) return parsed.error
    return parsed.command.verb === 'answer' ? [parsed.command.id, parsed.command.text] : parsed.command
  })

describe('answers by quoting', () => {
  test('what stands below a quoted question answers it; several are several, in order', () => {
    const markdown =
      '> - [ ] **Q2** · high · gap: Which currency?\n\nEuro, always.\n\n> **Q1** · low: Rounding?\r\n\r\nHalf up:\n\n- to cents\n'
    expect(read(markdown)).toEqual([
      ['Q2', 'Euro, always.'],
      ['Q1', 'Half up:\n\n- to cents'],
    ])
  })

  test('a quote over lines is one quote, and one of something else is part of the answer', () => {
    const markdown =
      '> **Q3** · medium: Who sees it?\n> *Everybody, if nobody says otherwise.*\n>\n> more\n\nAs the docs say:\n\n> only staff\n\nSo staff.'
    expect(read(markdown)).toEqual([['Q3', 'As the docs say:\n\n> only staff\n\nSo staff.']])
  })

  test('one text below several questions is asked about, not guessed', () => {
    const [error] = quotedAnswers('> - [ ] **Q1** a\n> - [ ] **Q2** b\n\nyes', OPEN, '/yard')
    expect(error).toMatchObject({ ok: false, error: { kind: 'several-questions', ids: ['Q1', 'Q2'] } })
    expect(error?.ok === false && describeCommandError(error.error, '/yard')).toBe(
      'It is not clear which of Q1 and Q2 that answers. Quote one question at a time, or write `/yard answer Q1` and your words.',
    )
  })

  test.each([
    ['a question that is not open', '> **Q9** x\n\nyes'],
    ['a quote without an answer', 'Nice.\n\n> **Q1** x'],
    ['a line right below, which Markdown shows as part of the quote', '> **Q1** x\nyes'],
    ['a quote of a quote', '> > **Q1** x\n\nyes'],
    ['a quote in a list', '- > **Q1** x\n\nyes'],
    ['a name in the middle of a line', '> as to **Q1** x\n\nyes'],
    ['a name that is not marked', '> Q1 was our best quarter\n\nyes'],
    ['code in a quote', '> ```\n> **Q1** x\n> ```\n\nyes'],
    ['a quote in code', '```\n> **Q1** x\n\nyes\n```'],
    ['a quote in a comment', '<!--\n> **Q1** x\n\nyes\n-->'],
    ['what stands below a command', '/yard answer Q2 no\n\n> **Q1** x\n\nyes'],
    ['a quote above a command only', '> **Q1** x\n\n/yard answer Q1 no'],
  ])('no answer: %s', (_what, markdown) => {
    expect(read(markdown)).toEqual([])
  })

  test('a command below ends the answer', () => {
    expect(read('> **Q1** x\n\nyes\n\n/yard status')).toEqual([['Q1', 'yes']])
  })

  test('a hostile comment of 64 KB takes no time to speak of', () => {
    for (const piece of ['> **Q1** x\n\ny\n\n', '> ', '> **Q1**\n', '> **Q1** ', '> - ', '>\n']) {
      const before = performance.now()
      quotedAnswers(`> **Q1** x\n\n${piece.repeat(65_000 / piece.length)}`, OPEN, '/yard')
      expect(performance.now() - before, JSON.stringify(piece)).toBeLessThan(3_000)
    }
  })

  test('never throws, and answers only what is open', () => {
    const piece = fc.constantFrom(
      '> ',
      '**Q1**',
      '**Q2**',
      '\n',
      '\n\n',
      'yes',
      '```',
      '- ',
      '<!--',
      '-->',
      '[ ] ',
      '\t',
      '/yard stop',
    )
    const markdown = fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(markdown, (text) => {
        for (const parsed of quotedAnswers(text, ['Q1'], '/yard'))
          expect(parsed).toMatchObject({ ok: true, command: { id: 'Q1' } })
      }),
      { numRuns: 500 },
    )
  })
})
