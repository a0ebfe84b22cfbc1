import { quoted } from '../../config/nearest.ts'
import type { CommandDefinition } from '../command.ts'

/** What an item of the list "Noticed on the way" is called: `F1`, `F2`, … */
const NAME = /^(?:\*\*)?(f\d{1,2})(?:\*\*)?[:.,)]?$/i

export const fileCommand: CommandDefinition = {
  verb: 'file',
  arguments: '<follow-up>',
  help: 'Files something that an agent noticed on the way, like `F2`, as an issue.',
  who: 'start',
  bots: false,
  where: 'issue or pull request',
  read: ({ words: [word, ...more] }) => {
    if (word === undefined || more.length > 0) return { ok: false, problem: "needs one follow-up's name, like `F2`" }
    const id = NAME.exec(word)?.[1]?.toUpperCase()
    return id === undefined
      ? { ok: false, problem: `needs a follow-up's name like \`F2\`, not ${quoted(word)}` }
      : { ok: true, command: { verb: 'file', id } }
  },
}
