import { type AnyNode, type Program, parse } from 'acorn'
import { z } from 'zod'
import { placeOfNode, readLiteral } from './literal.ts'
import { WorkflowMeta } from './meta.ts'
import { type Named, namedIn } from './named.ts'
import { fileOf, ScriptError } from './script-error.ts'

/** Largest script, in characters. */
export const SCRIPT_MAX_CHARS = 256 * 1024

/** The versions of ECMAScript's syntax that QuickJS knows too. */
const ECMA_VERSION = 2023

const AT_START = { line: 1, column: 1 }

export interface ParsedWorkflow {
  name: string
  /** As it was given. */
  source: string
  meta: WorkflowMeta
  /** What its calls name. */
  named: Named
}

/**
 * Reads a workflow's script without running any of it.
 * @param name as its file is called, without `.js`
 * @throws ScriptError with line and column: no JavaScript, no `meta` of literals, no default function, an import
 */
export function parseWorkflow(source: string, name: string): ParsedWorkflow {
  const file = fileOf(name)
  if (source.length > SCRIPT_MAX_CHARS) {
    throw new ScriptError(
      file,
      AT_START,
      `The script has ${source.length} characters, and ${SCRIPT_MAX_CHARS} at most are read.`,
    )
  }
  const program = parseModule(source, file)
  for (const node of program.body) refuseImport(node, file)
  if (!program.body.some((node) => node.type === 'ExportDefaultDeclaration')) {
    throw new ScriptError(file, AT_START, 'Nothing to run: write `export default async function ({ agent }) { … }`.')
  }
  return { name, source, meta: readMeta(program, file, name), named: namedIn(program) }
}

function parseModule(source: string, file: string): Program {
  try {
    return parse(source, { ecmaVersion: ECMA_VERSION, sourceType: 'module', locations: true })
  } catch (error) {
    if (error instanceof SyntaxError) {
      const at = SyntaxFault.safeParse(error)
      const place = at.success ? { line: at.data.loc.line, column: at.data.loc.column + 1 } : AT_START
      throw new ScriptError(file, place, `${error.message.replace(/ \(\d+:\d+\)$/, '')}.`, { cause: error })
    }
    // The parser's own stack: it recurses, and V8 ends that without harm.
    if (error instanceof RangeError) throw new ScriptError(file, AT_START, 'The script is nested too deep.', { cause: error })
    throw error
  }
}

/** What acorn adds to a syntax error; its columns count from 0. */
const SyntaxFault = z.object({ loc: z.object({ line: z.int(), column: z.int() }) })

function refuseImport(node: AnyNode, file: string): void {
  const imports =
    node.type === 'ImportDeclaration' ||
    node.type === 'ExportAllDeclaration' ||
    (node.type === 'ExportNamedDeclaration' && node.source !== null && node.source !== undefined)
  if (!imports) return
  throw new ScriptError(
    file,
    placeOfNode(node),
    'A workflow imports nothing: what it may use is handed to its default function.',
  )
}

function readMeta(program: Program, file: string, name: string): WorkflowMeta {
  const literal = readLiteral(metaNode(program, file), file)
  const checked = WorkflowMeta.safeParse(literal.value)
  if (!checked.success) {
    const [issue] = checked.error.issues
    const path = issue?.path ?? []
    const where = ['meta', ...path.map(String)].join('.')
    throw new ScriptError(file, literal.placeOf(path), `\`${where}\`: ${issue?.message ?? 'is not as it must be'}.`)
  }
  if (checked.data.name !== name) {
    const place = literal.placeOf(['name'])
    throw new ScriptError(file, place, `\`meta.name\` is \`${checked.data.name}\`; write \`${name}\`, as the file is called.`)
  }
  return checked.data
}

function metaNode(program: Program, file: string): AnyNode {
  for (const node of program.body) {
    if (node.type !== 'ExportNamedDeclaration' || node.declaration?.type !== 'VariableDeclaration') continue
    for (const { id, init } of node.declaration.declarations) {
      if (id.type !== 'Identifier' || id.name !== 'meta') continue
      if (node.declaration.kind !== 'const' || !init) {
        throw new ScriptError(file, placeOfNode(node), 'Write `export const meta = { … }`.')
      }
      return init
    }
  }
  throw new ScriptError(file, AT_START, 'It has no `export const meta = { name, description }`.')
}
