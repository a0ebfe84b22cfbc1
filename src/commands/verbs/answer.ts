import type { CommandDefinition } from '../command.ts'
import { questionId } from '../question-id.ts'

export const answerCommand: CommandDefinition = {
  verb: 'answer',
  arguments: '[question] <your words>',
  help: 'Answers a question of the run by its name, like `Q3`, or a decision by an option’s number; the lines below belong to it.',
  who: 'start',
  bots: false,
  where: 'issue or pull request',
  read: ({ words: [word = ''], text }) => {
    const id = questionId(word)
    const said = id === null ? text : text.trimStart().slice(word.length).trim()
    return said === ''
      ? { ok: false, problem: 'needs your answer, behind it or on the lines below' }
      : { ok: true, command: { verb: 'answer', id, text: said } }
  },
}
