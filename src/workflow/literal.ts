import type { AnyNode, ObjectExpression } from 'acorn'
import type { Json } from './json.ts'
import { type Place, ScriptError } from './script-error.ts'

/** A value that stands in a script as a literal, and where its parts stand. */
export interface Literal {
  value: Json
  /** The place of the part with this path (`['phases', 0, 'title']`), or of the nearest part around it. */
  placeOf(path: readonly PropertyKey[]): Place
}

/**
 * Reads a literal without running anything.
 * @throws ScriptError at the first part that would have to be computed
 */
export function readLiteral(root: AnyNode, file: string): Literal {
  const places = new Map<string, Place>()

  function refuse(node: AnyNode, what: string): never {
    throw new ScriptError(file, placeOfNode(node), `\`meta\` is read without running the script: ${what}.`)
  }

  function object(node: ObjectExpression, path: readonly PropertyKey[]): Json {
    const entries = new Map<string, Json>()
    for (const property of node.properties) {
      if (property.type === 'SpreadElement') refuse(property, 'write its properties here in place of `...`')
      const { key, value } = property
      if (property.computed || property.kind !== 'init' || property.method) refuse(property, 'write `name: value`')
      const name =
        key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : refuse(key, 'write a name')
      if (name === '__proto__') refuse(key, '`__proto__` cannot be a name')
      if (entries.has(name)) refuse(key, `\`${name}\` stands here twice`)
      entries.set(name, read(value, [...path, name]))
    }
    return Object.fromEntries(entries)
  }

  function read(node: AnyNode, path: readonly PropertyKey[]): Json {
    places.set(keyOf(path), placeOfNode(node))
    switch (node.type) {
      case 'Literal': {
        const { value } = node
        if (value === null && node.raw === 'null') return null
        if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
        return refuse(node, 'write text, a number, true, false or null')
      }
      case 'TemplateLiteral': {
        const [only] = node.quasis
        if (node.expressions.length > 0 || only === undefined) return refuse(node, 'write the text without placeholders')
        return only.value.cooked ?? refuse(node, 'write plain text')
      }
      case 'UnaryExpression': {
        const value = node.operator === '-' ? read(node.argument, path) : null
        return typeof value === 'number' ? -value : refuse(node, 'write a plain value')
      }
      case 'ArrayExpression':
        return node.elements.map((element, index) => {
          if (element === null) return refuse(node, 'a list has no holes')
          if (element.type === 'SpreadElement') return refuse(element, 'write its items here in place of `...`')
          return read(element, [...path, index])
        })
      case 'ObjectExpression':
        return object(node, path)
      default:
        return refuse(node, 'write a plain value here')
    }
  }

  const value = read(root, [])
  return {
    value,
    placeOf(path) {
      for (let length = path.length; length > 0; length -= 1) {
        const place = places.get(keyOf(path.slice(0, length)))
        if (place !== undefined) return place
      }
      return placeOfNode(root)
    },
  }
}

function keyOf(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map(String))
}

/** Where a node stands; columns count from 1. */
export function placeOfNode(node: AnyNode): Place {
  const start = node.loc?.start
  return start === undefined ? { line: 1, column: 1 } : { line: start.line, column: start.column + 1 }
}
