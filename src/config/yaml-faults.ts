/** What is no YAML, or YAML that means something else than it looks like, in words for people. */
import { type Document, isScalar, visit, type YAMLError } from 'yaml'
import { quoted } from './nearest.ts'

/** One thing that is wrong with a text as YAML, and where: characters from its beginning. */
export interface YamlFault {
  offset: number
  message: string
}

/** What the parser said. Its own words are kept where these here would say no more. */
export function yamlFaults(document: Document.Parsed, source: string): YamlFault[] {
  return [...document.errors, ...document.warnings].map((error) => ({ offset: error.pos[0], message: wordsOf(error, source) }))
}

function wordsOf({ code, message, pos: [start] }: YAMLError, source: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'a tab cannot indent here; use spaces.'
    case 'DUPLICATE_KEY': {
      const key = /^[^\s:#]+/.exec(source.slice(start))?.[0] ?? ''
      return `${quoted(key)} is there twice at this level; put what belongs to it together.`
    }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'a text with a colon and a space in it looks like a key; put it in quotes.'
    case 'MULTIPLE_DOCS':
      return 'a second document begins here; the file holds one, without a line of `---` in between.'
    default:
      return `this is no good YAML: ${message}.`
  }
}

/** What a check of the resulting object would not see, or not be reached by. */
export function hiddenFaults(document: Document.Parsed): YamlFault[] {
  const found: YamlFault[] = []
  visit(document, {
    // Objects have such keys already, or cannot have them.
    Pair: (_, { key }) => {
      if (isScalar(key) && key.value !== '__proto__') return
      found.push({ offset: offsetOf(key), message: 'this cannot be a key; keys are words.' })
    },
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return
      const message = `${quoted(`*${alias.source}`)} means an anchor of that name in YAML, and there is none; put a text that begins with a star in quotes.`
      found.push({ offset: offsetOf(alias), message })
    },
  })
  return found
}

function offsetOf(node: unknown): number {
  const known = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  return Array.isArray(known) && typeof known[0] === 'number' ? known[0] : 0
}
