// Runs inside QuickJS, before the script: the functions that a script is handed. The rules of words.js hold here too.

const { stringify } = JSON
const { isArray } = Array
const { freeze } = Object
const { apply } = Reflect
const ErrorOf = Error
const TypeErrorOf = TypeError
const PromiseOf = Promise
const StringOf = String

/** Longest title of a phase, in characters. */
const PHASE_MAX = 100

/**
 * @param driver what the functions ask for and note; see driver.js
 * @param words the exports of words.js
 * @param depth 0 for the workflow that was started, 1 for one that it started
 */
export function makeKit(driver, words, depth, args) {
  const { cut, describe, firstFrame, LINE_MAX } = words
  let phase = driver.phase()

  const request = (kind, prompt, options) => driver.request(phase, kind, prompt, options)

  /** A failure of one part costs that part only; what ends the script is seen by the host, whatever is caught here. */
  async function attempt(what, act) {
    try {
      return await act()
    } catch (error) {
      const { message, stack } = describe(error)
      driver.note(phase, `${what} gave nothing: ${message}${firstFrame(stack)}`)
      return null
    }
  }

  function parallel(thunks) {
    if (!isArray(thunks)) throw new TypeErrorOf('parallel() takes a list of functions')
    needFunctions(thunks, 'parallel() takes functions: write `() => agent(…)`')
    const attempts = []
    for (let index = 0; index < thunks.length; index += 1) {
      const thunk = thunks[index]
      attempts[attempts.length] = attempt(`parallel(), function ${index + 1},`, () => thunk())
    }
    return inOrder(attempts)
  }

  function pipeline(items, ...stages) {
    if (!isArray(items)) throw new TypeErrorOf('pipeline() takes a list of items first')
    needFunctions(stages, 'pipeline() takes functions as stages')
    const attempts = []
    for (let index = 0; index < items.length; index += 1) {
      const item = items[index]
      attempts[attempts.length] = attempt(`pipeline(), item ${index + 1},`, () => through(item, index, stages))
    }
    return inOrder(attempts)
  }

  function collect(what, options = {}) {
    const calls = driver.collected(what)
    if (calls.length === 0) return new PromiseOf((done) => done({ merged: 0, left: [] }))
    return driver.request(phase, 'collect', '', options, calls)
  }

  async function workflow(name, given = {}) {
    if (depth > 0) throw new ErrorOf('workflow() goes one level deep, and this one was started by another')
    if (typeof name !== 'string') throw new TypeErrorOf('workflow() takes the name of a workflow')
    return driver.load(cut(name, LINE_MAX), stringify(given) ?? '{}')
  }

  return freeze({
    args,
    budget: freeze({
      get total() {
        return driver.budget().total ?? Infinity
      },
      get spent() {
        return driver.budget().spent
      },
      get remaining() {
        const { total, spent } = driver.budget()
        return total === null ? Infinity : total > spent ? total - spent : 0
      },
    }),
    agent: freeze((prompt, options = {}) => request('agent', prompt, options)),
    checkpoint: freeze((question, options = {}) => request('checkpoint', question, options)),
    collect: freeze(collect),
    parallel: freeze(parallel),
    pipeline: freeze(pipeline),
    workflow: freeze(workflow),
    phase: freeze((title) => {
      if (typeof title !== 'string' || title === '') throw new TypeErrorOf('phase() takes a title')
      phase = cut(title, PHASE_MAX)
      driver.enterPhase(phase)
    }),
    log: freeze((message) => driver.note(phase, typeof message === 'string' ? message : StringOf(stringify(message)))),
  })
}

function needFunctions(list, otherwise) {
  for (let index = 0; index < list.length; index += 1) if (typeof list[index] !== 'function') throw new TypeErrorOf(otherwise)
}

async function inOrder(attempts) {
  const results = []
  for (let index = 0; index < attempts.length; index += 1) results[results.length] = await attempts[index]
  return results
}

async function through(item, index, stages) {
  let value = item
  for (let stage = 0; stage < stages.length; stage += 1) {
    value = await apply(stages[stage], undefined, [value, item, index])
    if (value === null) return null
  }
  return value
}
