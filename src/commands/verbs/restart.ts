import { quoted } from '../../config/nearest.ts'
import { StepId } from '../../contract/ids.ts'
import type { CommandDefinition } from '../command.ts'

export const restartCommand: CommandDefinition = {
  verb: 'restart',
  arguments: '<step>',
  help: 'Begins again at a step; the ones after it are done again too.',
  who: 'start',
  bots: true,
  where: 'issue or pull request',
  read: ({ words }) => {
    const [word] = words
    if (word === undefined || words.length > 1) return { ok: false, problem: "needs one step's name" }
    const step = StepId.safeParse(word.toLowerCase())
    return step.success
      ? { ok: true, command: { verb: 'restart', step: step.data } }
      : { ok: false, problem: `needs a step's name, not ${quoted(word)}` }
  },
}
