import { quoted } from '../../config/nearest.ts'
import type { CommandDefinition } from '../command.ts'

/** A content hash as it is shown, or longer. */
const HASH = /^[0-9a-f]{6,64}$/i

export const approveCommand: CommandDefinition = {
  verb: 'approve',
  arguments: '[hash] [text]',
  help: 'Approves what is shown under this hash; lines below it go to the steps after it.',
  who: 'approve',
  bots: false,
  where: 'issue or pull request',
  read: ({ words, below }) => {
    const [hash, ...more] = words
    if (hash !== undefined && !HASH.test(hash))
      return { ok: false, problem: `takes a hash like \`7f3a9c1\`, not ${quoted(hash)}` }
    const text = [more.join(' '), below].filter((part) => part !== '').join('\n')
    return { ok: true, command: { verb: 'approve', hash: hash?.toLowerCase() ?? null, text: text === '' ? null : text } }
  },
}
