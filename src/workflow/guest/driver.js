// Runs inside QuickJS, before the script: what the host turns the script with. The rules of words.js hold here too.

const { parse, stringify } = JSON
const { apply } = Reflect
const { isArray } = Array
const { freeze } = Object
const ErrorOf = Error
const TypeErrorOf = TypeError
const PromiseOf = Promise
const WeakMapOf = WeakMap
const { get: weakGet, set: weakSet } = WeakMapOf.prototype

/**
 * @param {string} setup `{ limits: { calls, promptChars, askedChars, resultChars, logLines }, budget: { total, spent } }` as JSON
 * @param words the exports of words.js
 * @param kit the exports of kit.js
 */
export function createDriver(setup, words, kit) {
  const { cut, describe, stackOf, LINE_MAX } = words
  const { makeKit } = kit
  const { limits, budget: firstBudget } = parse(setup)
  let budget = firstBudget
  let asked = 0
  let askedChars = 0
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

  /** What the functions of a script turn. */
  const forKit = {
    phase: () => phase,
    enterPhase: (title) => {
      phase = title
    },
    budget: () => budget,

    note(linePhase, message) {
      if (logged > limits.logLines) return
      const last = `Only ${limits.logLines} lines are kept; what follows is left out.`
      log[log.length] = { phase: linePhase, message: logged === limits.logLines ? last : cut(message, LINE_MAX) }
      logged += 1
    },

    /** Asks the host for something. The call is counted before anything of it is handed out. */
    request(callPhase, kind, prompt, options, calls) {
      if (fatal !== null) throw new ErrorOf('The workflow is over.')
      if (typeof prompt !== 'string') throw new TypeErrorOf(`${kind}() takes text first`)
      if (options === null || typeof options !== 'object' || isArray(options)) {
        throw new TypeErrorOf(`${kind}() takes an object of options`)
      }
      const optionsText = stringify(options)
      if (prompt.length > limits.promptChars || optionsText.length > limits.promptChars) {
        die('limit', `${kind}() was given more than ${limits.promptChars} characters.`)
      }
      if (asked >= limits.calls) die('limit', `More than ${limits.calls} calls: a workflow may make no more.`)
      askedChars += prompt.length + optionsText.length
      if (askedChars > limits.askedChars)
        die('limit', `All calls together were given more than ${limits.askedChars} characters.`)
      const index = asked
      asked += 1
      const promise = new PromiseOf((resolve) => {
        waiting[index] = resolve
      })
      apply(weakSet, origins, [promise, index])
      if (calls !== undefined) for (let at = 0; at < calls.length; at += 1) delete collectable[calls[at]]
      const stack = stackOf(new ErrorOf(''))
      out[out.length] = { index, kind, prompt, phase: callPhase, options: optionsText, calls, stack }
      return promise
    },

    /** The indices of the calls whose branches are to be merged: of these promises and results, or of all. */
    collected(what) {
      const calls = []
      if (what === undefined) {
        for (let index = 0; index < asked; index += 1) if (collectable[index] === true) calls[calls.length] = index
        return calls
      }
      if (!isArray(what)) throw new TypeErrorOf('collect() takes a list of results, or nothing for all of them')
      const seen = { __proto__: null }
      for (let at = 0; at < what.length; at += 1) {
        const part = what[at]
        if (part === null || part === undefined) continue
        const call = typeof part === 'object' ? apply(weakGet, origins, [part]) : undefined
        if (call === undefined) {
          throw new TypeErrorOf('collect() takes what agent() gave: its promise, or its result where it has a schema')
        }
        if (waiting[call] !== undefined) throw new ErrorOf('collect() was given a call that is not over: await it first')
        if (collectable[call] === true && seen[call] !== true) calls[calls.length] = call
        seen[call] = true
      }
      return calls
    },

    load(name, args) {
      if (fatal !== null) throw new ErrorOf('The workflow is over.')
      const id = loading
      loading += 1
      loads[loads.length] = { id, name, args }
      return new PromiseOf((resolve, reject) => {
        loaders[id] = { resolve, reject }
      })
    },
  }

  async function run(module, depth, argsText) {
    const main = (await module).default
    if (typeof main !== 'function') {
      throw new TypeErrorOf('The default export is no function: write `export default async function ({ agent }) { … }`.')
    }
    return main(makeKit(forKit, words, depth, parse(argsText)))
  }

  return freeze({
    die,
    describe: (error) => stringify(describe(error)),
    async begin(module, argsText) {
      try {
        const text = stringify(await run(module, 0, argsText)) ?? 'null'
        if (text.length > limits.resultChars)
          die('limit', `The workflow's result has more than ${limits.resultChars} characters.`)
        end = { result: text }
      } catch (error) {
        end = { error: describe(error) }
      }
    },
    loaded(id, module, argsText, problem) {
      const { resolve, reject } = loaders[id]
      delete loaders[id]
      if (problem !== undefined) reject(new ErrorOf(problem))
      else resolve(run(module, 1, argsText))
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
