import type { CommandDefinition } from '../command.ts'

/** Asks for what is left open to be closed, and for the work branches to be deleted. */
const CLEAN_FLAG = '--delete'

export const stopCommand: CommandDefinition = {
  verb: 'stop',
  arguments: '[--delete] [why]',
  help: 'Ends the run for good. Branches and pull requests stay; with `--delete` the open ones are closed and the branches deleted.',
  who: 'start',
  bots: true,
  where: 'issue or pull request',
  read: ({ words, line }) => {
    const clean = words[0] === CLEAN_FLAG
    const why = clean ? line.slice(line.indexOf(CLEAN_FLAG) + CLEAN_FLAG.length).trim() : line
    return { ok: true, command: { verb: 'stop', why, ...(clean ? { clean } : {}) } }
  },
}
