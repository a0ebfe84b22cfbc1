import { quoted } from '../../config/nearest.ts'
import type { CommandDefinition } from '../command.ts'

/** A model's name as vendors write them: no spaces, and nothing that a program could take for an option. */
const MODEL = /^[A-Za-z0-9][\w.:/@+[\]-]{0,199}$/

export const modelCommand: CommandDefinition = {
  verb: 'model',
  arguments: '<role> <model>',
  help: 'Lets a role of this run work with another model, from its next job on.',
  who: 'start',
  bots: false,
  where: 'issue or pull request',
  read: ({ words: [role, model, ...more] }) => {
    if (role === undefined || model === undefined || more.length > 0) return { ok: false, problem: 'needs a role and a model' }
    if (!MODEL.test(model)) return { ok: false, problem: `needs a model's name, not ${quoted(model)}` }
    return { ok: true, command: { verb: 'model', role: role.toLowerCase(), model } }
  },
}
