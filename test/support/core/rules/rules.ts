import { noJobLeftBehind, retries } from './jobs.ts'
import { money } from './money.ts'
import { deployments, questions, replies, tickets, withdrawals } from './once.ts'
import { decisions, kept, revivals, skips, words } from './people.ts'
import { rounds } from './rounds.ts'
import type { Rule } from './rule.ts'

/** All rules, each with a fresh memory, for one run. */
export function createRules(): Rule[] {
  return [
    noJobLeftBehind,
    retries(),
    skips,
    revivals,
    kept,
    decisions(),
    words(),
    tickets(),
    deployments,
    replies(),
    questions(),
    withdrawals(),
    rounds(),
    money,
  ]
}
