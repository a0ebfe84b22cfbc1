import { quoted } from '../../config/nearest.ts'
import { USD_MAX } from '../../contract/budget.ts'
import type { CommandDefinition } from '../command.ts'

/** `+5`, `+$5`, `5.50`: whole cents. */
const AMOUNT = /^\+?\$?(\d{1,7}(?:\.\d{1,2})?)$/

export const budgetCommand: CommandDefinition = {
  verb: 'budget',
  arguments: '+<amount>',
  help: 'Lets the run spend so much more, in USD, and goes on where it stopped if it is paused for its budget.',
  who: 'start',
  bots: false,
  where: 'issue or pull request',
  read: ({ words: [written, ...more] }) => {
    if (written === undefined || more.length > 0) return { ok: false, problem: 'needs an amount in USD, like `+5`' }
    const addUsd = Number(AMOUNT.exec(written)?.[1] ?? Number.NaN)
    if (!(addUsd > 0 && addUsd <= USD_MAX))
      return { ok: false, problem: `needs an amount in USD, like \`+5\`, not ${quoted(written)}` }
    return { ok: true, command: { verb: 'budget', addUsd } }
  },
}
