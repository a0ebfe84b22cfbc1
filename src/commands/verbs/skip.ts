import { quoted } from '../../config/nearest.ts'
import { StepId } from '../../contract/ids.ts'
import type { CommandDefinition } from '../command.ts'

export const skipCommand: CommandDefinition = {
  verb: 'skip',
  arguments: '<step> [why]',
  help: 'Leaves a step out, with who and why; one that judges (approval, review, checks, tests) needs who may approve.',
  who: 'start',
  bots: false,
  where: 'issue or pull request',
  read: ({ words: [word], line }) => {
    if (word === undefined) return { ok: false, problem: "needs a step's name" }
    const step = StepId.safeParse(word.toLowerCase())
    if (!step.success) return { ok: false, problem: `needs a step's name, not ${quoted(word)}` }
    return { ok: true, command: { verb: 'skip', step: step.data, why: line.slice(word.length).trim() } }
  },
}
