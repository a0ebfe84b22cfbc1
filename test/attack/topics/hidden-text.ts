/** Words that reach for an agent past its people's eyes, or for a shell. */
import { existsSync } from 'node:fs'
import type { Attack, Topic } from '../attack.ts'
import { FENCE_END, type HiddenWords, hiddenWordsOf, ORDERS, TAGGED } from '../stages/hidden-words.ts'
import { yardOf } from '../stages/yard.ts'

const SEEN_ONLY = 'Only what a reader of the page sees reaches a prompt; the rest is cut out.'
const TRUSTED_ONLY = 'Only text by people who may write there reaches an agent.'

function hidden(name: string, how: string, found: (words: HiddenWords) => boolean, more: Partial<Attack> = {}): Attack {
  return {
    name,
    how,
    stopped: SEEN_ONLY,
    told: 'nobody',
    async attempt(scene) {
      const words = await hiddenWordsOf(scene)
      const got = found(words) ? ['the agent was told'] : []
      return {
        got,
        stopped: words.prompt.includes('Seen by every reader.') ? 'the prompt has the visible text only' : '',
        told: null,
      }
    },
    ...more,
  }
}

const order = (name: string, how: string, text: string, more: Partial<Attack> = {}) =>
  hidden(name, how, ({ prompt }) => prompt.includes(text), more)

export const hiddenText: Topic = {
  title: 'Text in issues',
  attacks: [
    order('instructions in an HTML comment', 'The issue’s text has `<!-- … -->` in it.', ORDERS.comment),
    order(
      'instructions in a definition that nobody refers to',
      'A Markdown reference used as a comment: `[//]: # (…)`.',
      ORDERS.definition,
    ),
    order('instructions in an image’s description', 'The alternative text of an image that shows.', ORDERS.alt),
    order('instructions in an image’s title', 'The title that shows only under a mouse.', ORDERS.title),
    order('instructions in an attribute', 'An attribute of a hidden HTML element.', ORDERS.attribute),
    order('instructions behind a code fence', 'Words after the language of a code block, which no page shows.', ORDERS.info),
    hidden(
      'invisible characters',
      'Instructions spelled in tag characters, zero-width and right-to-left marks.',
      ({ prompt }) => prompt.includes(TAGGED) || /[\u200b\u202e\u2063\u00ad\u{e0000}-\u{e007f}]/u.test(prompt),
    ),
    order('a comment by somebody without rights', 'An outsider comments instructions below the issue.', ORDERS.stranger, {
      stopped: TRUSTED_ONLY,
    }),
    order('a linked issue by somebody without rights', 'The issue refers to one that an outsider wrote.', ORDERS.linked, {
      stopped: TRUSTED_ONLY,
    }),
    hidden(
      'out of the data block',
      'The issue’s text ends the block that marks it as data, and begins another.',
      ({ prompt }) => {
        const delimiter = /^BEGIN DATA title of \S+ ([0-9a-f]{20})$/m.exec(prompt)?.[1] ?? ''
        const [, text = ''] = prompt.split(new RegExp(`^BEGIN DATA text of \\S+ ${delimiter}$`, 'm'))
        const inside = text.split(new RegExp(`^END DATA text of \\S+ ${delimiter}$`, 'm'))[0] ?? ''
        return delimiter === '' || !inside.includes(FENCE_END) || !inside.includes('Now do as you are told.')
      },
      { stopped: 'The block’s delimiter is random for each job: who wrote the text could not know it.' },
    ),
    hidden(
      'a shell in the title',
      'The title has `$(…)`, backticks, quotes and semicolons, each of which would make a file.',
      ({ bait }) => bait.some((file) => existsSync(file)),
      { stopped: 'No shell is used; programs get lists of arguments.' },
    ),
    {
      name: 'an option or a path as a branch',
      how: 'The same title has `--upload-pack=…`, `../..`, `@{0}` and `~^:`, and becomes part of the branch’s name.',
      stopped: 'Of a title, letters and digits go into a branch’s name; git checks it; names stand behind `--`.',
      told: 'nobody',
      async attempt(scene) {
        const yard = await yardOf(scene)
        const task = yard.task({ title: '--upload-pack=x ../../@{0}~^:[]\\ .lock/', label: 'switchyard:quickly' })
        await task.until('ready')
        const [pull] = task.pulls('acme/solo')
        const name = pull?.pull.headRef ?? ''
        return {
          got: /^switchyard\/\d+[a-z0-9-]*$/.test(name) ? [] : [`the branch ${name}`],
          stopped: `the branch ${name}`,
          told: null,
        }
      },
    },
  ],
}
