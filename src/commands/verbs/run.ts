import { WORKFLOW_PREFIX } from '../../config/workflow-pipeline.ts'
import type { CommandDefinition, Reading } from '../command.ts'

/** `key=value`; a value with spaces stands in double quotes. */
const ARGUMENT = /([A-Za-z][A-Za-z0-9_-]{0,39})=(?:"([^"]*)"|([^\s"]\S*)?)(?=\s|$)/y
/** Longest value of one argument, in characters. */
const VALUE_MAX = 5_000

export const runCommand: CommandDefinition = {
  verb: 'run',
  arguments: '[pipeline | workflow:<name> key=value …]',
  help: 'Starts a run of the issue or pull request, in the default pipeline or the one named; or a dynamic workflow with its arguments.',
  who: 'start',
  bots: true,
  where: 'issue or pull request',
  read: ({ words, line }) => {
    const [pipeline = null] = words
    if (words.length <= 1) return { ok: true, command: { verb: 'run', pipeline } }
    if (pipeline === null || !pipeline.startsWith(WORKFLOW_PREFIX)) return { ok: false, problem: 'takes one word behind it' }
    return readArguments(pipeline, line.slice(pipeline.length))
  },
}

function readArguments(pipeline: string, text: string): Reading {
  const args = new Map<string, string>()
  let at = 0
  for (;;) {
    at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0
    if (at >= text.length) return { ok: true, command: { verb: 'run', pipeline, args: Object.fromEntries(args) } }
    ARGUMENT.lastIndex = at
    const [whole, name, quoted, bare] = ARGUMENT.exec(text) ?? []
    if (whole === undefined || name === undefined) {
      return { ok: false, problem: 'takes arguments as `key=value`, with values in double quotes where they have spaces' }
    }
    const value = quoted ?? bare ?? ''
    if (args.has(name)) return { ok: false, problem: `has the argument \`${name}\` twice` }
    if (value.length > VALUE_MAX) return { ok: false, problem: `takes values of at most ${VALUE_MAX} characters` }
    args.set(name, value)
    at += whole.length
  }
}

/** A value as a person would write it. */
export function written(value: string): string {
  return /^[^\s"]+$/.test(value) ? value : `"${value}"`
}
