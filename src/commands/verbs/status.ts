import type { CommandDefinition } from '../command.ts'

/** Asks for the run's history, as well. */
export const HISTORY_FLAG = '--history'

export const statusCommand: CommandDefinition = {
  verb: 'status',
  arguments: '[--history]',
  help: 'Says where the run stands, what it waits for and from whom; with `--history` also what has happened so far.',
  who: 'everyone',
  bots: true,
  where: 'issue or pull request',
  read: ({ words: [word, ...more] }) => {
    if (word === undefined) return { ok: true, command: { verb: 'status' } }
    return word === HISTORY_FLAG && more.length === 0
      ? { ok: true, command: { verb: 'status', history: true } }
      : { ok: false, problem: `takes \`${HISTORY_FLAG}\` behind it or nothing` }
  },
}
