import { EvalFlags } from 'quickjs-wasi'
import { checkArgumentValues } from './arguments.ts'
import type { Machine } from './engine.ts'
import type { GuestLoad } from './guest-turn.ts'
import { type Json, parseJson } from './json.ts'
import { parseWorkflow } from './parse.ts'
import { fileOf } from './script-error.ts'

/** The scripts that a script may start, by name. */
export type Sources = Readonly<Record<string, string>>

/** Starts the module that `workflow(name, args)` asked for, or tells the script why it cannot be. */
export function loadWorkflow({ vm, drive }: Machine, load: GuestLoad, workflows: Sources): void {
  const found = findWorkflow(load, workflows)
  using id = vm.newNumber(load.id)
  using module = found.ok ? vm.evalCode(found.source, fileOf(load.name), EvalFlags.TYPE_MODULE) : vm.null
  using args = vm.newString(found.ok ? JSON.stringify(found.args) : '{}')
  using problem = found.ok ? vm.undefined : vm.newString(found.problem)
  drive('loaded', id, module, args, problem).dispose()
}

type Found = { ok: true; source: string; args: Record<string, Json> } | { ok: false; problem: string }

function findWorkflow({ name, args }: GuestLoad, workflows: Sources): Found {
  const source = Object.hasOwn(workflows, name) ? workflows[name] : undefined
  if (source === undefined) return { ok: false, problem: `workflow(): there is no workflow \`${name}\`.` }
  try {
    const given = parseJson(args)
    if (given === null || typeof given !== 'object' || Array.isArray(given)) {
      return { ok: false, problem: 'workflow() takes an object of arguments.' }
    }
    const checked = checkArgumentValues(parseWorkflow(source, name).meta, given)
    return checked.ok ? { ok: true, source, args: checked.args } : { ok: false, problem: checked.problems.join('; ') }
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) }
  }
}
