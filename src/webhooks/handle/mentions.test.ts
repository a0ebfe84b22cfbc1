import { describe, expect, test } from 'vitest'
import { mentionsIn } from './mentions.ts'

const WHERE = { repository: 'acme/web', serverUrl: 'https://github.test' }
const names = (text: string, max = 10) =>
  mentionsIn(text, WHERE, max).map(({ repository, number }) => `${repository}#${number}`)

describe('what a text mentions', () => {
  test('[STP-18] numbers, names and addresses on this server, each once, in their order', () => {
    const text =
      'As in #12, (acme/api#3), GH-4 and https://github.test/acme/Lib/pull/5#discussion_r99: see https://github.test/acme/web/issues/12. And ACME/API#3!'
    expect(names(text)).toEqual(['acme/web#12', 'acme/api#3', 'acme/web#4', 'acme/Lib#5'])
    expect(names(text, 2)).toEqual(['acme/web#12', 'acme/api#3'])
  })

  test.each([
    ['another server', 'https://elsewhere.test/acme/web/issues/7 and https://github.test.evil.test/acme/web/issues/8'],
    ['words, paths and entities', 'abc#7 a/b/c#8 &#9; #10px ##11 #0 C#7'],
    ['code', 'a `#7` and\n```css\ncolor: #112233; #8\n```\n~~~\n#9\n~~~'],
    ['what nobody sees', '<!-- #7 acme/api#8 --> and [](https://github.test/acme/web/issues/9)'],
    ['what is too long', '#12345678'],
  ])('not %s', (_what, text) => {
    expect(names(text)).toEqual([])
  })

  test('in time that grows with the text alone', () => {
    const started = performance.now()
    for (const part of ['a/b', '#1', '`', '~~~', 'https://github.test/a/b/issues/1 ', '-'.repeat(50)]) {
      names(part.repeat(Math.floor(65_536 / part.length)))
    }
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})
