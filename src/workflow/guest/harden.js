// Runs inside QuickJS, after the kit and before the script: what would make two runs of a script differ is taken away
// and says so when it is used, and the prototypes take no additions.

const { defineProperty, getPrototypeOf, ownKeys, preventExtensions } = Reflect
const { freeze } = Object

const NO_CLOCK = 'a workflow has no clock: hand the day or the time in as an argument'
const NO_CHANCE = 'a workflow has no chance in it: the same results must lead to the same calls'
const NO_LOCALE = 'what depends on a locale may differ between machines: compare with < and >, build text with templates'
const NO_WORLD = 'a workflow reaches nothing outside: let an agent() do it'
const NO_CODE = 'a workflow makes no code from text'
const NO_MEMORY = 'what garbage collection does may differ between runs'

const FUNCTIONS = {
  Date: NO_CLOCK,
  setTimeout: NO_CLOCK,
  setInterval: NO_CLOCK,
  setImmediate: NO_CLOCK,
  fetch: NO_WORLD,
  require: NO_WORLD,
  Worker: NO_WORLD,
  eval: NO_CODE,
  WeakRef: NO_MEMORY,
  FinalizationRegistry: NO_MEMORY,
  SharedArrayBuffer: NO_MEMORY,
}

/** Names of things that are no functions elsewhere: reading one is using it. */
const THINGS = {
  performance: NO_CLOCK,
  Temporal: NO_CLOCK,
  crypto: NO_CHANCE,
  Intl: NO_LOCALE,
  process: NO_WORLD,
  navigator: NO_WORLD,
  console: 'a workflow has no console: write log(…)',
  Atomics: NO_MEMORY,
  WebAssembly: NO_CODE,
}

const LOCALE_METHODS = [
  'localeCompare',
  'toLocaleLowerCase',
  'toLocaleUpperCase',
  'toLocaleString',
  'toLocaleDateString',
  'toLocaleTimeString',
]

/** @param {(kind: 'determinism', message: string) => never} die ends the script, whatever it catches */
export function harden(die) {
  function denied(name, why) {
    function refuse() {
      die('determinism', `${name}: ${why}.`)
    }
    return refuse
  }

  function deny(owner, name, why, shown = name) {
    defineProperty(owner, name, { value: denied(shown, why), writable: false, enumerable: false, configurable: false })
  }

  for (const name of ownKeys(FUNCTIONS)) deny(globalThis, name, FUNCTIONS[name])
  for (const name of ['now', 'parse', 'UTC']) deny(globalThis.Date, name, NO_CLOCK, `Date.${name}`)
  for (const name of ownKeys(THINGS)) {
    defineProperty(globalThis, name, { get: denied(name, THINGS[name]), enumerable: false, configurable: false })
  }
  deny(Math, 'random', NO_CHANCE, 'Math.random')

  const kinds = [() => {}, async () => {}, function* () {}, async function* () {}]
  for (const kind of kinds) deny(getPrototypeOf(kind), 'constructor', NO_CODE, 'Function')
  deny(globalThis, 'Function', NO_CODE)

  // Where an error was thrown is found in its stack; a script must not be able to make it say something else.
  defineProperty(Error, 'prepareStackTrace', { value: undefined, writable: false, configurable: false })
  defineProperty(Error, 'stackTraceLimit', { value: 50, writable: false, configurable: false })

  for (const value of intrinsics()) {
    for (const name of LOCALE_METHODS) if (Object.hasOwn(value, name)) deny(value, name, NO_LOCALE)
    preventExtensions(value)
  }
  for (const value of [Promise, Promise.prototype, JSON, Reflect, Math]) freeze(value)
}

/** Everything that can be reached from the globals and from literals. */
function intrinsics() {
  const found = new Set()
  const left = [[][Symbol.iterator](), new Map().keys(), new Set().keys(), ''[Symbol.iterator](), /x/[Symbol.matchAll]('x')]
  left.push(
    async () => {},
    function* () {},
    async function* () {},
    (function* () {})(),
    (async function* () {})(),
  )
  for (const name of ownKeys(globalThis)) {
    const { value } = Object.getOwnPropertyDescriptor(globalThis, name)
    if (value !== globalThis) left.push(value)
  }
  while (left.length > 0) {
    const next = left.pop()
    if (next === null || (typeof next !== 'object' && typeof next !== 'function') || found.has(next)) continue
    found.add(next)
    left.push(getPrototypeOf(next))
    for (const name of ownKeys(next)) {
      const { value, get, set } = Object.getOwnPropertyDescriptor(next, name)
      left.push(value, get, set)
    }
  }
  return found
}
