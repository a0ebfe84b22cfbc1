import { quoted } from '../../config/nearest.ts'
import type { CommandDefinition } from '../command.ts'
import { questionId } from '../question-id.ts'

export const dismissCommand: CommandDefinition = {
  verb: 'dismiss',
  arguments: '<question>',
  help: 'Says that a question of the run, like `Q3`, needs no answer.',
  who: 'start',
  bots: false,
  where: 'issue or pull request',
  read: ({ words: [word, ...more] }) => {
    if (word === undefined || more.length > 0) return { ok: false, problem: "needs one question's name, like `Q3`" }
    const id = questionId(word)
    return id === null
      ? { ok: false, problem: `needs a question's name like \`Q3\`, not ${quoted(word)}` }
      : { ok: true, command: { verb: 'dismiss', id } }
  },
}
