import type { Arguments, Command, Reading } from '../command.ts'

/** A verb that stands alone. Anything behind it is an error: `/yard merge not yet` must not merge. */
export function alone(command: Command): (rest: Arguments) => Reading {
  return ({ words }) => (words.length === 0 ? { ok: true, command } : { ok: false, problem: 'takes nothing behind it' })
}

/** A verb with at most one word behind it. */
export function oneWord(make: (word: string | null) => Command): (rest: Arguments) => Reading {
  return ({ words }) =>
    words.length > 1 ? { ok: false, problem: 'takes one word behind it' } : { ok: true, command: make(words[0] ?? null) }
}
