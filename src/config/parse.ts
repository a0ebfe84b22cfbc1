/**
 * `.github/switchyard.yml` from text: everything that is wrong with it, at once, each with its line. What is right in
 * one section is checked on even where another is wrong.
 */
import { type Document, LineCounter, parseDocument } from 'yaml'
import { type Fault, faultsOfIssue, pathText } from './explain-issue.ts'
import { ConfigurationFile } from './file.ts'
import { faultsOfMeaning } from './meaning.ts'
import { modelFaults, type PermittedModels } from './model-faults.ts'
import { positionOf } from './positions.ts'
import { hiddenFaults, yamlFaults } from './yaml-faults.ts'

/** Largest file that is read, in characters. */
export const CONFIGURATION_MAX_CHARACTERS = 256 * 1024
/** How often an anchor's content may be repeated before the file counts as an attack. */
const ALIASES_MAX = 100

/** One thing that is wrong with a file. `line` and `column` count from 1. */
export interface ConfigurationError {
  line: number
  column: number
  /** The place in the file's structure: `pipelines.default[2].kind`; empty for the file as a whole. */
  path: string
  message: string
}

export type ParseResult = { ok: true; configuration: ConfigurationFile } | { ok: false; errors: ConfigurationError[] }

/**
 * Reads a file's text. What is wrong with it is in the result; nothing in a text makes it throw. With what who runs Switchyard
 * permits, the file is held against that as well: what a file says is not broken by somebody else's change.
 */
export function parseConfiguration(source: string, permitted?: PermittedModels): ParseResult {
  if (source.length > CONFIGURATION_MAX_CHARACTERS) {
    return wrong([whole(`is longer than ${CONFIGURATION_MAX_CHARACTERS} characters.`)])
  }
  const counter = new LineCounter()
  const read = readYaml(source, counter)
  if (!read.ok) return wrong(read.errors)
  const { document, content } = read
  if (content === null) return wrong([whole('is empty; it begins with `version: 1`.')])

  const parsed = ConfigurationFile.safeParse(content, { reportInput: true })
  const faults: Fault[] = [
    ...(parsed.success ? [] : parsed.error.issues.flatMap((issue) => faultsOfIssue(issue, ConfigurationFile))),
    ...faultsOfMeaning(content),
    ...modelFaults(content, permitted),
  ]
  if (parsed.success && faults.length === 0) return { ok: true, configuration: parsed.data }
  const placed = ({ path, message }: Fault) => ({ ...positionOf(document, counter, path), path: pathText(path), message })
  return wrong(faults.map(placed))
}

type Yaml = { ok: true; document: Document.Parsed; content: unknown } | { ok: false; errors: ConfigurationError[] }

function readYaml(source: string, counter: LineCounter): Yaml {
  try {
    const document = parseDocument(source, { lineCounter: counter, prettyErrors: false, logLevel: 'error' })
    const faults = [...yamlFaults(document, source), ...hiddenFaults(document)]
    const errors = faults.map(({ offset, message }) => at(counter, offset, message))
    if (errors.length > 0) return { ok: false, errors }
    return { ok: true, document, content: document.toJS({ maxAliasCount: ALIASES_MAX }) }
  } catch (error) {
    // Nesting too deep for the parser's stack, or too many aliases.
    const message = error instanceof Error ? error.message : String(error)
    return { ok: false, errors: [whole(`cannot be read: ${message}.`)] }
  }
}

function at(counter: LineCounter, offset: number, message: string): ConfigurationError {
  const { line, col } = counter.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1), path: '', message }
}

function whole(message: string): ConfigurationError {
  return { line: 1, column: 1, path: '', message }
}

/** In the order of the file; the same place and words only once. */
function wrong(errors: readonly ConfigurationError[]): ParseResult {
  const distinct = new Map(errors.map((error) => [`${error.line}:${error.column}:${error.path}:${error.message}`, error]))
  return { ok: false, errors: [...distinct.values()].sort((a, b) => a.line - b.line || a.column - b.column) }
}
