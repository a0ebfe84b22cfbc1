/** The commands in a comment. A command is a line of prose that begins with the prefix; several are several, in order. */
import { inWords, nearest, quoted } from '../config/nearest.ts'
import type { Command } from './command.ts'
import { type Line, proseLines } from './prose-lines.ts'
import { commandOf, usage, VERBS } from './registry.ts'
import { EDITED_FLAG } from './verbs/resume.ts'
import { written } from './verbs/run.ts'
import { HISTORY_FLAG } from './verbs/status.ts'

/** Most commands that one comment can give; more are answered with an error each. */
export const COMMANDS_MAX = 20

/** A command that was understood, or words that were not. `index` is its place among the comment's commands, from 0. */
export type ParsedCommand =
  | { ok: true; index: number; written: string; command: Command }
  | { ok: false; index: number; written: string; error: CommandError }

/** Why a line that begins with the prefix is no command. */
export type CommandError =
  | { kind: 'no-verb' }
  | { kind: 'unknown-verb'; verb: string; nearest: string[] }
  /** `problem` goes on from the command: "needs one step's name". */
  | { kind: 'bad-arguments'; verb: string; problem: string; usage: string }
  | { kind: 'too-many'; most: number }
  /** One text stands below a quote of several questions. */
  | { kind: 'several-questions'; ids: readonly string[] }
  /** The box that was ticked belongs to something that is not asked any more. */
  | { kind: 'outdated-box' }
  /** The same of a button of a check run. */
  | { kind: 'outdated-button' }
  /** All checks were asked for again, and none is of a stage that failed. */
  | { kind: 'no-failed-stage' }

/** Reads the commands of a comment. Never throws; text without a command gives none. */
export function parseCommands(markdown: string, prefix: string): ParsedCommand[] {
  if (!mentions(markdown, prefix)) return []
  const lines = proseLines(markdown)
  const starts = lines.flatMap((line, index) => (isCommand(line, prefix) ? [index] : []))
  return starts.slice(0, COMMANDS_MAX + 1).map((start, index): ParsedCommand => {
    const head = lines[start]?.text.trim() ?? ''
    const below = lines.slice(start + 1, starts[index + 1] ?? lines.length)
    const written = head.length > WRITTEN_MAX ? `${head.slice(0, WRITTEN_MAX)}…` : head
    if (index === COMMANDS_MAX) return { ok: false, index, written, error: { kind: 'too-many', most: COMMANDS_MAX } }
    const read = readCommand(head.slice(prefix.length).trim(), below.map(({ text }) => text).join('\n'), prefix)
    return 'error' in read ? { ok: false, index, written, error: read.error } : { ok: true, index, written, ...read }
  })
}

/** How much of a command's line is quoted back, in characters. */
const WRITTEN_MAX = 200

/** Spares most comments the grammar. */
function mentions(markdown: string, prefix: string): boolean {
  return markdown.toLowerCase().includes(prefix.toLowerCase())
}

/** Whether a line begins a command. */
export function isCommand({ text, prose }: Line, prefix: string): boolean {
  if (!prose) return false
  const line = text.trimStart()
  const after = line.charAt(prefix.length)
  return line.slice(0, prefix.length).toLowerCase() === prefix.toLowerCase() && (after === '' || /\s/.test(after))
}

function readCommand(rest: string, below: string, prefix: string): { command: Command } | { error: CommandError } {
  const [first = '', ...words] = rest.split(/\s+/)
  if (first === '') return { error: { kind: 'no-verb' } }
  const verb = first.toLowerCase()
  const definition = commandOf(verb)
  if (definition === undefined) return { error: { kind: 'unknown-verb', verb: first, nearest: nearest(verb, VERBS) } }
  const line = rest.slice(first.length).trim()
  const reading = definition.read({ words, line, text: trimLines(`${line}\n${below}`), below: trimLines(below) })
  if (reading.ok) return { command: reading.command }
  return { error: { kind: 'bad-arguments', verb, problem: reading.problem, usage: usage(definition, prefix) } }
}

/** Lines as they were written, without empty ones at either end. */
function trimLines(text: string): string {
  return text.replace(/^(?:[ \t]*\n)+/, '').trimEnd()
}

/** A command as a person would write it: what {@link parseCommands} reads back as the same command. */
export function writeCommand(command: Command, prefix: string): string {
  const start = `${prefix} ${command.verb}`
  switch (command.verb) {
    case 'run': {
      const args = Object.entries(command.args ?? {}).map(([name, value]) => `${name}=${written(value)}`)
      return [start, ...(command.pipeline === null ? [] : [command.pipeline]), ...args].join(' ')
    }
    case 'explain':
      return command.pipeline === null ? start : `${start} ${command.pipeline}`
    case 'approve':
      return [command.hash === null ? start : `${start} ${command.hash}`, command.text ?? ''].join('\n').trimEnd()
    case 'changes':
    case 'tell':
      return `${start}\n${command.text}`
    case 'reject':
      return `${start}\n${command.why}`.trimEnd()
    case 'restart':
      return `${start} ${command.step}`
    case 'stop':
    case 'pause':
      return `${start} ${command.why}`.trimEnd()
    case 'skip':
      return `${start} ${command.step} ${command.why}`.trimEnd()
    case 'answer':
      return `${[start, command.id ?? ''].join(' ').trimEnd()}\n${command.text}`
    case 'dismiss':
    case 'file':
      return `${start} ${command.id}`
    case 'model':
      return `${start} ${command.role} ${command.model}`
    case 'budget':
      return `${start} +${command.addUsd}`
    case 'help':
      return command.about === null ? start : `${start} ${command.about}`
    case 'status':
      return command.history ? `${start} ${HISTORY_FLAG}` : start
    case 'review':
    case 'fix':
    case 'cost':
    case 'repos':
    case 'retry':
    case 'merge':
    case 'extra-round':
    case 'proceed':
    case 'revert':
      return start
    case 'resume':
      return command.edited ? `${start} ${EDITED_FLAG}` : start
  }
}

/** What was wrong with a line, as a sentence or two: the nearest verbs, or how the command is written. */
export function describeCommandError(error: CommandError, prefix: string): string {
  switch (error.kind) {
    case 'no-verb':
      return `\`${prefix}\` needs a command behind it. \`${prefix} help\` lists them.`
    case 'unknown-verb': {
      const near = error.nearest.map((verb) => `\`${prefix} ${verb}\``)
      const slip = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''
      return `There is no command ${quoted(error.verb)}.${slip} \`${prefix} help\` lists them all.`
    }
    case 'bad-arguments':
      return `\`${prefix} ${error.verb}\` ${error.problem}. Write it like this: \`${error.usage}\`.`
    case 'several-questions':
      return `It is not clear which of ${inWords(error.ids, 'and')} that answers. Quote one question at a time, or write \`${prefix} answer ${error.ids[0] ?? 'Q1'}\` and your words.`
    case 'outdated-box':
      return 'What this box belonged to is not asked any more; the comment shows what is asked now.'
    case 'outdated-button':
      return 'What this button offered is not asked any more; the status comment of the task shows what is.'
    case 'no-failed-stage':
      return `No stage has failed, so nothing was done again. \`${prefix} restart\` and a stage’s name does one again.`
    case 'too-many':
      return `A comment can give ${error.most} commands; this one and the ones after it were not done.`
  }
}
