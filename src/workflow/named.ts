/** What a script's calls name, as far as it can be read without running it. */
import type { AnyNode, CallExpression, ObjectExpression, Program } from 'acorn'
import { placeOfNode } from './literal.ts'
import type { Place } from './script-error.ts'

export interface Named {
  /** Roles of `agent()`, where they stand as text. */
  roles: { name: string; place: Place }[]
  /** Modes in which `agent()` is called without a role; what is computed is left out. */
  modes: ('explore' | 'code')[]
  /** Scripts of `workflow()`, where they stand as text. */
  workflows: string[]
}

/** Walks without recursion: an expression may be as deep as its writer liked. */
export function namedIn(program: Program): Named {
  const named: Named = { roles: [], modes: [], workflows: [] }
  const left: AnyNode[] = [program]
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (node.type === 'CallExpression') note(named, node)
    for (const part of Object.values(node).flat()) if (isNode(part)) left.push(part)
  }
  named.roles.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column)
  return named
}

function isNode(part: unknown): part is AnyNode {
  return typeof part === 'object' && part !== null && 'type' in part && typeof part.type === 'string'
}

function note(named: Named, { callee, arguments: given }: CallExpression): void {
  const called = callee.type === 'MemberExpression' ? callee.property : callee
  if (called.type !== 'Identifier') return
  const [first, options] = given
  if (called.name === 'workflow' && first !== undefined) {
    const name = textOf(first)
    if (name !== null) named.workflows.push(name)
  }
  if (called.name !== 'agent') return
  if (options === undefined) named.modes.push('explore')
  else if (options.type === 'ObjectExpression') noteOptions(named, options)
}

function noteOptions(named: Named, options: ObjectExpression): void {
  // What is spread in, or computed, may be any of them.
  const known = new Map<string, AnyNode>()
  for (const property of options.properties) {
    if (property.type !== 'Property' || property.computed || property.key.type !== 'Identifier') return
    known.set(property.key.name, property.value)
  }
  const [role, mode, isolation] = [known.get('role'), known.get('mode'), known.get('isolation')]
  if (role !== undefined) {
    const name = textOf(role)
    if (name !== null) named.roles.push({ name, place: placeOfNode(role) })
    return
  }
  const written = mode === undefined ? (isolation === undefined ? 'explore' : 'code') : textOf(mode)
  if (written === 'explore' || written === 'code') named.modes.push(written)
}

function textOf(node: AnyNode): string | null {
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : null
}
