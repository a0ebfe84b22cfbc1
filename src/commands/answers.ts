/** The sentences that answer a trigger. A refusal says what was asked, why it was not done, and what to do. */
import { inWords, quoted, suggestion } from '../config/nearest.ts'
import { COMMANDS, commandOf, usage, VERBS } from './registry.ts'

/** What was not done, and why. */
export interface Refused {
  /** Whom it is said to; null where nobody asked. */
  login: string | null
  /** What was asked for, as it was written: a command's line, a label's name, a checkbox's label. */
  asked: string
  /** Goes on from "was not done: ", without a full stop. */
  why: string
  /** Sentences that say what to do, or who may. */
  remedy: string
}

/** "@mona `/yard merge` was not done: … Ask one of …" */
export function refusal({ login, asked, why, remedy }: Refused): string {
  const to = login === null ? '' : `@${login} `
  return `${to}${quoted(asked)} was not done: ${why}.\n${remedy}`.trimEnd()
}

/** People and teams that may, for a refusal; empty where nobody is known. */
export function askOneOf(logins: readonly string[]): string {
  if (logins.length === 0) return ''
  const names = logins.map((login) => `@${login}`)
  return names.length === 1 ? `Ask ${names.join('')}.` : `Ask one of ${inWords(names, 'or')}.`
}

/** A command that steers a run, where no run is live. */
export function noRun(prefix: string, label: string): { why: string; remedy: string } {
  return {
    why: 'no run is live here',
    remedy: `Start one with the label ${quoted(label)} or with \`${prefix} run\` on the issue.`,
  }
}

/** A start where a run is live already. */
export function alreadyRunning(url: string, prefix: string, what = 'issue'): { why: string; remedy: string } {
  return {
    why: `a run of this ${what} is [live already](${url})`,
    remedy: `\`${prefix} stop\` ends it; \`${prefix} status\` says where it stands.`,
  }
}

/** `/yard help`: every command, or one. */
export function help(prefix: string, about: string | null): string {
  if (about === null) {
    const lines = COMMANDS.map((command) => `| ${quoted(usage(command, prefix))} | ${command.help} |`)
    return ['| Command | What it does |', '|---|---|', ...lines].join('\n')
  }
  const command = commandOf(about.toLowerCase())
  return command === undefined
    ? `There is no command ${quoted(about)}; ${suggestion(about, VERBS)}`
    : `${quoted(usage(command, prefix))}: ${command.help}`
}
