/** Reads the fields of a GraphQL document, with their arguments: as much of the language as the local GitHub serves. */

export interface GraphqlField {
  alias: string
  name: string
  arguments: Record<string, unknown>
  fields: GraphqlField[]
}

const TOKEN = /\s+|,|#[^\n]*|"""[\s\S]*?"""|"(?:[^"\\]|\\.)*"|\.\.\.|[_A-Za-z][_0-9A-Za-z]*|-?\d+(?:\.\d+)?|[{}()[\]:$!=@|&]/gy

/** The top-level fields of the first operation. Selections of objects that are answered whole may name anything. */
export function fieldsOf(document: string, variables: Record<string, unknown>): GraphqlField[] {
  const tokens = [...document.matchAll(TOKEN)].map(([token]) => token).filter((token) => !/^[\s,#]/.test(token))
  const reader = createReader(tokens, variables)
  // Skips `query Name($a: Int!)` up to the selection.
  while (reader.peek() !== undefined && reader.peek() !== '{') {
    if (reader.peek() === '(') reader.skipGroup('(', ')')
    else reader.next()
  }
  return reader.selection()
}

function createReader(tokens: string[], variables: Record<string, unknown>) {
  let at = 0
  const peek = () => tokens[at]
  const next = () => tokens[at++]

  const skipGroup = (open: string, close: string) => {
    let depth = 0
    do {
      const token = next()
      if (token === open) depth += 1
      if (token === close) depth -= 1
    } while (depth > 0 && at < tokens.length)
  }

  const value = (): unknown => {
    const token = next() ?? ''
    if (token === '$') return variables[next() ?? '']
    if (token === '[') {
      const list = []
      while (peek() !== ']' && peek() !== undefined) list.push(value())
      next()
      return list
    }
    if (token === '{') return object('}')
    if (token.startsWith('"""')) return token.slice(3, -3)
    if (token.startsWith('"')) return JSON.parse(token) as unknown
    if (/^-?\d/.test(token)) return Number(token)
    if (token === 'true' || token === 'false') return token === 'true'
    return token === 'null' ? null : token
  }

  const object = (close: string): Record<string, unknown> => {
    const found: Record<string, unknown> = {}
    while (peek() !== close && peek() !== undefined) {
      const name = next() ?? ''
      next()
      found[name] = value()
    }
    next()
    return found
  }

  const selection = (): GraphqlField[] => {
    const fields: GraphqlField[] = []
    if (next() !== '{') return fields
    while (peek() !== '}' && peek() !== undefined) {
      if (peek() === '...') {
        next()
        if (peek() === 'on') {
          next()
          next()
        } else if (peek() !== '{') throw new Error(`the local GitHub takes no named fragments: ${peek()}`)
        if (peek() === '{') fields.push(...selection())
        continue
      }
      const first = next() ?? ''
      const aliased = peek() === ':'
      if (aliased) next()
      const name = aliased ? (next() ?? '') : first
      let args: Record<string, unknown> = {}
      if (peek() === '(') {
        next()
        args = object(')')
      }
      fields.push({ alias: first, name, arguments: args, fields: peek() === '{' ? selection() : [] })
    }
    next()
    return fields
  }

  return { peek, next, skipGroup, selection }
}
