// Runs inside QuickJS, first: what scripts throw and say, as text of a bounded length.
//
// A script shares this realm and is hostile. So, here and in the files beside: whatever is used later is taken from the
// globals now; nothing goes through an iterator or a method looked up on a prototype; `harden.js` lets nobody add to the
// prototypes; and nothing but text goes to the host, which checks it. A script that breaks what is here harms itself only.

const { apply } = Reflect
const StringOf = String
const { slice } = StringOf.prototype

/** Longest line of the log, and longest message of an error, in characters. */
export const LINE_MAX = 2_000
const STACK_MAX = 4_000

export function cut(text, most) {
  return text.length > most ? `${apply(slice, text, [0, most - 1])}…` : text
}

/**
 * An error in words. What a script throws may be anything, and its properties may run code. `internal`: QuickJS's own error,
 * thrown where no memory is left.
 */
export function describe(error) {
  try {
    if (error === null || typeof error !== 'object')
      return { message: cut(StringOf(error), LINE_MAX), stack: '', internal: false }
    const { name, message } = error
    const named = typeof name === 'string' && name !== '' && name !== 'Error' ? `${name}: ` : ''
    const said = typeof message === 'string' && message !== '' ? message : 'no message'
    return { message: cut(`${named}${said}`, LINE_MAX), stack: stackOf(error), internal: name === 'InternalError' }
  } catch {
    return { message: 'something that cannot be read was thrown', stack: '', internal: false }
  }
}

export function stackOf(error) {
  const { stack } = error
  return typeof stack === 'string' ? cut(stack, STACK_MAX) : ''
}

/** ` (name.js:3:5)`, found by hand: a regular expression would go through methods that a script can replace. */
export function firstFrame(stack) {
  let from = 0
  for (let at = 0; at < stack.length; at += 1) {
    if (stack[at] === '(') from = at
    if (stack[at] !== ')' || stack[from + 1] === '~') continue
    const frame = apply(slice, stack, [from, at + 1])
    if (frame !== '(native)') return ` ${frame}`
  }
  return ''
}
