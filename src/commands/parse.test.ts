import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { StepId } from '../contract/ids.ts'
import type { Command } from './command.ts'
import { COMMANDS_MAX, describeCommandError, parseCommands, writeCommand } from './parse.ts'
import { COMMANDS, VERBS } from './registry.ts'

const PREFIX = '/yard'
const commands = (markdown: string, prefix = PREFIX) =>
  parseCommands(markdown, prefix).map((parsed) => (parsed.ok ? parsed.command : parsed.error))
const verbs = (markdown: string, prefix = PREFIX) =>
  parseCommands(markdown, prefix).map((parsed) => (parsed.ok ? parsed.command.verb : parsed.error.kind))

describe('commands in a comment', () => {
  test('a line that begins with the prefix is a command; several lines are several, in order', () => {
    expect(commands('Thanks!\n\n/yard approve 7f3a9c1\n/yard merge\r\n/yard status')).toEqual([
      { verb: 'approve', hash: '7f3a9c1', text: null },
      { verb: 'merge' },
      { verb: 'status' },
    ])
  })

  test('every verb is read', () => {
    expect(VERBS.toSorted()).toEqual(
      'answer approve budget changes cost dismiss explain extra-round file fix help merge model pause proceed reject repos restart resume retry revert review run skip status stop tell'.split(
        ' ',
      ),
    )
  })

  test.each([
    ['in the middle of a line', 'please /yard stop'],
    ['a word that only begins like the prefix', '/yardstick stop\n/yard/stop'],
    ['a fenced code block', '```\n/yard stop\n```'],
    ['a fenced code block that is not closed', '~~~sh\n/yard stop'],
    ['an indented code block', 'text\n\n    /yard stop'],
    ['an indented code block by tab', 'text\n\n\t/yard stop'],
    ['a code span over lines', 'text `code\n/yard stop\n` text'],
    ['a quote', '> /yard stop'],
    ['a line that goes on a quote without a mark', '> she said\n/yard stop'],
    ['a quote in a list', '- > /yard stop'],
    ['an HTML comment', '<!--\n/yard stop\n-->'],
    ['an HTML comment inside a paragraph', 'text <!-- hidden\n/yard stop\n--> text'],
    ['an HTML comment that is not closed', '<!--\n\n/yard stop'],
    ['an HTML block', '<div>\n/yard stop\n</div>'],
    ['a list item', '- /yard stop'],
    ['a definition that is not shown', '[a]:\n/yard "stop"'],
    ['a table', 'a | b\n--|--\n/yard stop | c'],
    ['a footnote', 'x[^1]\n\n[^1]: text\n/yard stop'],
    ['an escaped line', '\\/yard stop'],
  ])('no command: %s', (_what, markdown) => {
    expect(commands(markdown)).toEqual([])
  })

  test.each([
    ['after a quote and an empty line', '> she said\n\n/yard stop'],
    ['with up to three spaces before it', '   /yard stop'],
    ['after a line that ends with two spaces', 'text  \n/yard stop'],
    ['above a signature, where Markdown sees a heading', '/yard stop\n--\nmona'],
    ['in a folded part', '<details>\n\n/yard stop\n\n</details>'],
    ['after a closed code block', '```\ncode\n```\n/yard stop'],
    ['after an empty comment', '<!-- x -->\n\n/yard stop'],
    ['in capitals, as a phone may write it', '/Yard STOP'],
  ])('a command: %s', (_what, markdown) => {
    expect(verbs(markdown)).toEqual(['stop'])
  })

  test('changes takes the rest of its line and the lines below, up to the next command', () => {
    const markdown =
      '/yard changes two things:\n\n- use `Money`\n\n```ts\n/yard stop\n```\n> /yard stop\n\n/yard stop for today\n'
    expect(commands(markdown)).toEqual([
      { verb: 'changes', text: 'two things:\n\n- use `Money`\n\n```ts\n/yard stop\n```\n> /yard stop' },
      { verb: 'stop', why: 'for today' },
    ])
  })

  test('approve carries the text below it', () => {
    expect(commands('/yard approve 7F3A9C1\n\nand mind the rounding')).toEqual([
      { verb: 'approve', hash: '7f3a9c1', text: 'and mind the rounding' },
    ])
  })

  test('answer names a question or none, and takes the lines below it', () => {
    expect(
      commands('/yard answer q3: half up\n\n- to cents\n\n/yard answer 2\n/yard answer\nall of them\n/yard answer **Q4**\nno'),
    ).toEqual([
      { verb: 'answer', id: 'Q3', text: 'half up\n\n- to cents' },
      { verb: 'answer', id: null, text: '2' },
      { verb: 'answer', id: null, text: 'all of them' },
      { verb: 'answer', id: 'Q4', text: 'no' },
    ])
  })

  test('pause, resume, skip, dismiss and revert', () => {
    expect(
      commands('/yard pause until Monday\n/yard resume\n/yard skip Review trivial  change\n/yard dismiss q2\n/yard revert'),
    ).toEqual([
      { verb: 'pause', why: 'until Monday' },
      { verb: 'resume' },
      { verb: 'skip', step: 'review', why: 'trivial  change' },
      { verb: 'dismiss', id: 'Q2' },
      { verb: 'revert' },
    ])
  })

  test('the prefix is a setting', () => {
    expect(verbs('!sy stop\n/yard merge', '!sy')).toEqual(['stop'])
  })

  test('[CMD-2] commands are lines outside code and quotes, in order, under the configured prefix', () => {
    const markdown = '/yard retry\n`/yard stop`\n> /yard stop\n\n```\n/yard stop\n```\n/yard restart code'
    expect(verbs(markdown)).toEqual(['retry', 'restart'])
    expect(verbs(markdown.replaceAll('/yard', '!go'), '!go')).toEqual(['retry', 'restart'])
  })

  test('an unknown verb is answered with the nearest', () => {
    const [error] = parseCommands('/yard aprove 7f3a9c1', PREFIX)
    expect(error).toMatchObject({ ok: false, error: { kind: 'unknown-verb', verb: 'aprove', nearest: ['approve'] } })
    expect(error?.ok === false && describeCommandError(error.error, PREFIX)).toBe(
      'There is no command `aprove`. Did you mean `/yard approve`? `/yard help` lists them all.',
    )
  })

  test.each([
    ['/yard', '`/yard` needs a command behind it. `/yard help` lists them.'],
    ['/yard restart', "`/yard restart` needs one step's name. Write it like this: `/yard restart <step>`."],
    [
      '/yard changes',
      '`/yard changes` needs what should change, behind it or on the lines below. Write it like this: `/yard changes <what should change>`.',
    ],
    ['/yard merge not yet', '`/yard merge` takes nothing behind it. Write it like this: `/yard merge`.'],
    [
      '/yard approve please',
      '`/yard approve` takes a hash like `7f3a9c1`, not `please`. Write it like this: `/yard approve [hash] [text]`.',
    ],
    [
      '/yard answer Q3',
      '`/yard answer` needs your answer, behind it or on the lines below. Write it like this: `/yard answer [question] <your words>`.',
    ],
    ['/yard skip', "`/yard skip` needs a step's name. Write it like this: `/yard skip <step> [why]`."],
    [
      '/yard dismiss all',
      "`/yard dismiss` needs a question's name like `Q3`, not `all`. Write it like this: `/yard dismiss <question>`.",
    ],
    ['/yard revert now', '`/yard revert` takes nothing behind it. Write it like this: `/yard revert`.'],
    ['/yard xyzzy', 'There is no command `xyzzy`. `/yard help` lists them all.'],
  ])('what is missing or wrong is said with the usage: %s', (markdown, sentence) => {
    const said = parseCommands(markdown, PREFIX).map((parsed) => (parsed.ok ? '' : describeCommandError(parsed.error, PREFIX)))
    expect(said).toEqual([sentence])
  })

  test('a comment gives a bounded number of commands, and the first one too many is said', () => {
    const parsed = parseCommands('/yard status\n'.repeat(COMMANDS_MAX + 30), PREFIX)
    expect(parsed).toHaveLength(COMMANDS_MAX + 1)
    expect(parsed.at(-1)).toMatchObject({ ok: false, error: { kind: 'too-many' } })
  })

  test('every command of the registry is documented', () => {
    for (const { help, verb } of COMMANDS) {
      expect(help, verb).toMatch(/^[A-Z].*\.$/)
    }
  })
})

describe('properties', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,15}$/)
  const sentence = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(' '))
  const hash = fc.stringMatching(/^[0-9a-f]{7,12}$/)
  const question = fc.integer({ min: 1, max: 999 }).map((number) => `Q${number}`)
  const anyCommand = fc.oneof(
    fc.record({ verb: fc.constantFrom('run' as const, 'explain' as const), pipeline: fc.option(word) }),
    fc.record({ verb: fc.constant('approve' as const), hash: fc.option(hash), text: fc.option(sentence) }),
    fc.record({ verb: fc.constant('changes' as const), text: sentence }),
    fc.record({
      verb: fc.constant('skip' as const),
      step: word.map((name) => StepId.parse(name)),
      why: fc.oneof(fc.constant(''), sentence),
    }),
    fc.record({ verb: fc.constant('answer' as const), id: fc.option(question), text: sentence }),
    fc.record({ verb: fc.constant('dismiss' as const), id: question }),
    fc.record({
      verb: fc.constantFrom('reject' as const, 'stop' as const, 'pause' as const),
      why: fc.oneof(fc.constant(''), sentence),
    }),
    fc.record({ verb: fc.constant('restart' as const), step: word.map((name) => StepId.parse(name)) }),
    fc.record({ verb: fc.constant('help' as const), about: fc.option(word) }),
    fc.record({
      verb: fc.constantFrom('review', 'fix', 'status', 'retry', 'merge', 'extra-round', 'proceed', 'resume', 'revert'),
    }),
  ) as fc.Arbitrary<Command>

  const pieces = fc.constantFrom(
    '/yard',
    '/yard stop',
    '\n',
    '\r\n',
    '\r',
    '>',
    '```',
    '~~~',
    '`',
    '<!--',
    '-->',
    '- ',
    '    ',
    '\t',
    '|',
    '[',
    '](',
    '\\',
    ' ',
    'a',
    '--',
    '<div>',
    '*',
    '\u0000',
    '\u{1F600}',
    '\uD800',
  )
  const markdown = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
  )

  test('never throws, and numbers what it finds', () => {
    fc.assert(
      fc.property(markdown, (text) => {
        expect(parseCommands(text, PREFIX).map(({ index }) => index)).toEqual(
          parseCommands(text, PREFIX).map((_, index) => index),
        )
      }),
      { numRuns: 500 },
    )
  })

  test('whatever is quoted, fenced, indented or commented out yields no command', () => {
    const fence = (text: string) => `\`\`\`\`\`\`\`\`\n${text.replaceAll('`', "'")}\n\`\`\`\`\`\`\`\``
    const quote = (text: string) =>
      text
        .split(/\r\n|\r|\n/)
        .map((line) => `> ${line}`)
        .join('\n')
    const indent = (text: string) =>
      text
        .split(/\r\n|\r|\n/)
        .map((line) => `    ${line}`)
        .join('\n')
    const comment = (text: string) => `<!--\n${text.replaceAll('-->', '')}\n-->`
    fc.assert(
      fc.property(markdown, fc.constantFrom(fence, quote, indent, comment), (text, hide) => {
        expect(parseCommands(`before\n\n${hide(text)}\n\nafter`, PREFIX)).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  test('what is written is read back', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { minLength: 1, maxLength: 5 }), (written) => {
        const text = written.map((command) => writeCommand(command, PREFIX)).join('\n\n')
        expect(commands(text)).toEqual(written)
      }),
    )
  })
})
