import type { CommandDefinition } from '../command.ts'

/** Goes on with the scripts of the default branch, as they are now. */
export const EDITED_FLAG = '--edited'

/** Not for Apps: after a pull request was closed, going on leaves its repository out, which is a person's to decide. */
export const resumeCommand: CommandDefinition = {
  verb: 'resume',
  arguments: `[${EDITED_FLAG}]`,
  help: `Goes on with a run that is paused; pull requests that are closed stay out of it. With \`${EDITED_FLAG}\` a dynamic workflow, paused or failed, goes on with its script as it is now.`,
  who: 'start',
  bots: false,
  where: 'issue or pull request',
  read: ({ words: [word, ...more] }) => {
    if (more.length > 0 || (word !== undefined && word !== EDITED_FLAG)) {
      return { ok: false, problem: `takes nothing behind it but \`${EDITED_FLAG}\`` }
    }
    return { ok: true, command: word === undefined ? { verb: 'resume' } : { verb: 'resume', edited: true } }
  },
}
