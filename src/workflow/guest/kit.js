// Runs inside QuickJS, before the script: what a script is handed, and the driver that the host turns.
//
// The script shares this realm and is hostile. So: whatever is used later is taken from the globals now; nothing here
// goes through an iterator or a method looked up on a prototype; `harden.js` lets nobody add to the prototypes; and
// nothing but text goes to the host, which checks it. A script that breaks what is here harms itself only.

const { parse, stringify } = JSON
const { apply } = Reflect
const { isArray } = Array
const { freeze, hasOwn } = Object
const ErrorOf = Error
const TypeErrorOf = TypeError
/** QuickJS throws it where the script has no memory left. */
const InternalErrorOf = InternalError
const PromiseOf = Promise
const StringOf = String
const WeakMapOf = WeakMap
const { get: weakGet, set: weakSet } = WeakMapOf.prototype
const { slice } = StringOf.prototype

/** Longest line of the log, and longest message of an error, in characters. */
const LINE_MAX = 2_000
const STACK_MAX = 4_000

/**
 * @param {string} setup `{ limits: { calls, promptChars, resultChars, logLines }, budget: { total, spent } }` as JSON
 */
export function createDriver(setup) {
  const { limits, budget: firstBudget } = parse(setup)
  let budget = firstBudget
  let asked = 0
  let logged = 0
  let loading = 0
  let phase = null
  /** What ends the script, whatever it catches. */
  let fatal = null
  let end = null
  let out = []
  let log = []
  let loads = []
  const waiting = { __proto__: null }
  const loaders = { __proto__: null }
  /** Isolated calls that gave something and were not collected, by index. */
  const collectable = { __proto__: null }
  /** Which call a promise or a result came from. */
  const origins = new WeakMapOf()

  function die(kind, message) {
    fatal ??= { kind, message, stack: stackOf(new ErrorOf('')) }
    throw new ErrorOf(message)
  }

  function note(linePhase, message) {
    if (logged > limits.logLines) return
    const text =
      logged === limits.logLines ? `Only ${limits.logLines} lines are kept; what follows is left out.` : cut(message, LINE_MAX)
    logged += 1
    log[log.length] = { phase: linePhase, message: text }
  }

  function request(kit, kind, prompt, options) {
    if (fatal !== null) throw new ErrorOf('The workflow is over.')
    if (typeof prompt !== 'string') throw new TypeErrorOf(`${kind}() takes text first`)
    if (options === null || typeof options !== 'object' || isArray(options))
      throw new TypeErrorOf(`${kind}() takes an object of options`)
    const optionsText = stringify(options)
    if (prompt.length > limits.promptChars || optionsText.length > limits.promptChars) {
      die('limit', `${kind}() was given more than ${limits.promptChars} characters.`)
    }
    if (asked >= limits.calls) die('limit', `More than ${limits.calls} calls: a workflow may make no more.`)
    const index = asked
    asked += 1
    let resolve = null
    const promise = new PromiseOf((done) => {
      resolve = done
    })
    waiting[index] = resolve
    apply(weakSet, origins, [promise, index])
    out[out.length] = { index, kind, prompt, phase: kit.phase, options: optionsText, stack: stackOf(new ErrorOf('')) }
    return promise
  }

  /** A failure of one part costs that part only; what ends the script is seen by the host, whatever is caught here. */
  async function attempt(kit, what, act) {
    try {
      return await act()
    } catch (error) {
      const { message, stack } = describe(error)
      note(kit.phase, `${what} gave nothing: ${message}${firstFrame(stack)}`)
      return null
    }
  }

  async function inOrder(attempts) {
    const results = []
    for (let index = 0; index < attempts.length; index += 1) results[results.length] = await attempts[index]
    return results
  }

  function parallel(kit, thunks) {
    if (!isArray(thunks)) throw new TypeErrorOf('parallel() takes a list of functions')
    for (let index = 0; index < thunks.length; index += 1) {
      if (typeof thunks[index] !== 'function') throw new TypeErrorOf('parallel() takes functions: write `() => agent(…)`')
    }
    const attempts = []
    for (let index = 0; index < thunks.length; index += 1) {
      const thunk = thunks[index]
      attempts[attempts.length] = attempt(kit, `parallel(), function ${index + 1},`, () => thunk())
    }
    return inOrder(attempts)
  }

  function pipeline(kit, items, stages) {
    if (!isArray(items)) throw new TypeErrorOf('pipeline() takes a list of items first')
    for (let index = 0; index < stages.length; index += 1) {
      if (typeof stages[index] !== 'function') throw new TypeErrorOf('pipeline() takes functions as stages')
    }
    const attempts = []
    for (let index = 0; index < items.length; index += 1) {
      const item = items[index]
      attempts[attempts.length] = attempt(kit, `pipeline(), item ${index + 1},`, () => through(item, index, stages))
    }
    return inOrder(attempts)
  }

  function collect(kit, what, options) {
    const calls = what === undefined ? collectableCalls() : callsOf(what)
    if (calls.length === 0) return new PromiseOf((done) => done({ merged: 0, left: [] }))
    for (let index = 0; index < calls.length; index += 1) delete collectable[calls[index]]
    return request(kit, 'collect', '', withCalls(options, calls))
  }

  function collectableCalls() {
    const calls = []
    for (let index = 0; index < asked; index += 1) if (collectable[index] === true) calls[calls.length] = index
    return calls
  }

  function callsOf(list) {
    if (!isArray(list)) throw new TypeErrorOf('collect() takes a list of results, or nothing for all of them')
    const calls = []
    for (let index = 0; index < list.length; index += 1) {
      const part = list[index]
      if (part === null || part === undefined) continue
      const call = typeof part === 'object' ? apply(weakGet, origins, [part]) : undefined
      if (call === undefined)
        throw new TypeErrorOf('collect() takes what agent() gave: its promise, or its result where it has a schema')
      if (hasOwn(waiting, call)) throw new ErrorOf('collect() was given a call that is not over: await it first')
      if (collectable[call] === true) calls[calls.length] = call
    }
    return calls
  }

  function workflow(kit, name, args = {}) {
    if (kit.depth > 0) throw new ErrorOf('workflow() goes one level deep, and this one was started by another')
    if (typeof name !== 'string') throw new TypeErrorOf('workflow() takes the name of a workflow')
    if (fatal !== null) throw new ErrorOf('The workflow is over.')
    const text = stringify(args)
    const id = loading
    loading += 1
    const promise = new PromiseOf((resolve, reject) => {
      loaders[id] = { resolve, reject }
    })
    loads[loads.length] = { id, name: cut(name, LINE_MAX), args: text ?? '{}' }
    return promise
  }

  function kitFor(depth, args) {
    const kit = { phase, depth }
    return freeze({
      args,
      budget: freeze({
        get total() {
          return budget.total ?? Infinity
        },
        get spent() {
          return budget.spent
        },
        get remaining() {
          return budget.total === null ? Infinity : budget.total > budget.spent ? budget.total - budget.spent : 0
        },
      }),
      agent: freeze((prompt, options = {}) => request(kit, 'agent', prompt, options)),
      checkpoint: freeze((question, options = {}) => request(kit, 'checkpoint', question, options)),
      collect: freeze((what, options = {}) => collect(kit, what, options)),
      parallel: freeze((thunks) => parallel(kit, thunks)),
      pipeline: freeze((items, ...stages) => pipeline(kit, items, stages)),
      workflow: freeze(async (name, args) => workflow(kit, name, args)),
      phase: freeze((title) => {
        if (typeof title !== 'string' || title === '') throw new TypeErrorOf('phase() takes a title')
        kit.phase = cut(title, 100)
        phase = kit.phase
      }),
      log: freeze((message) => note(kit.phase, typeof message === 'string' ? message : StringOf(stringify(message)))),
    })
  }

  function finish(value) {
    const text = stringify(value) ?? 'null'
    if (text.length > limits.resultChars) die('limit', `The workflow's result has more than ${limits.resultChars} characters.`)
    end = { result: text }
  }

  return freeze({
    die,
    describe: (error) => stringify(describe(error)),
    async begin(module, argsText) {
      try {
        finish(await run(module, kitFor(0, parse(argsText))))
      } catch (error) {
        end = { error: describe(error) }
      }
    },
    loaded(id, module, argsText, problem) {
      const { resolve, reject } = loaders[id]
      delete loaders[id]
      if (problem !== undefined) reject(new ErrorOf(problem))
      else resolve(run(module, kitFor(1, parse(argsText))))
    },
    settle(text, isIsolated) {
      const told = parse(text)
      const resolve = waiting[told.index]
      delete waiting[told.index]
      if (told.budget !== undefined) budget = told.budget
      if (isIsolated && told.result !== null) collectable[told.index] = true
      if (told.result !== null && typeof told.result === 'object') apply(weakSet, origins, [told.result, told.index])
      resolve(told.result)
    },
    take() {
      const text = stringify({ calls: out, log, loads, phase, fatal, end })
      out = []
      log = []
      loads = []
      return text
    },
  })
}

async function run(module, kit) {
  const main = (await module).default
  if (typeof main !== 'function')
    throw new TypeErrorOf('The default export is no function: write `export default async function ({ agent }) { … }`.')
  return main(kit)
}

async function through(item, index, stages) {
  let value = item
  for (let stage = 0; stage < stages.length; stage += 1) {
    value = await apply(stages[stage], undefined, [value, item, index])
    if (value === null) return null
  }
  return value
}

function withCalls(options, calls) {
  const copy = parse(stringify(options))
  copy.calls = calls
  return copy
}

function cut(text, most) {
  return text.length > most ? `${apply(slice, text, [0, most - 1])}…` : text
}

/** An error in words. What a script throws may be anything, and its properties may run code. */
function describe(error) {
  try {
    if (error === null || typeof error !== 'object')
      return { message: cut(StringOf(error), LINE_MAX), stack: '', internal: false }
    const { name, message } = error
    const named = typeof name === 'string' && name !== '' && name !== 'Error' ? `${name}: ` : ''
    const said = typeof message === 'string' && message !== '' ? message : 'no message'
    return { message: cut(`${named}${said}`, LINE_MAX), stack: stackOf(error), internal: error instanceof InternalErrorOf }
  } catch {
    return { message: 'something that cannot be read was thrown', stack: '', internal: false }
  }
}

function stackOf(error) {
  const { stack } = error
  return typeof stack === 'string' ? cut(stack, STACK_MAX) : ''
}

/** ` (name.js:3:5)`, found by hand: a regular expression would go through methods that a script can replace. */
function firstFrame(stack) {
  let from = 0
  for (let at = 0; at < stack.length; at += 1) {
    if (stack[at] === '(') from = at
    if (stack[at] !== ')' || stack[from + 1] === '~') continue
    const frame = apply(slice, stack, [from, at + 1])
    if (frame !== '(native)') return ` ${frame}`
  }
  return ''
}
