/** What is wrong with the models that a file names: each role's must be one that may be asked for. */
import { z } from 'zod'
import { ModelList, narrowedModels } from '../contract/model-list.ts'
import { mayBeListed } from '../gateway/allowed-model.ts'
import type { PriceTable } from '../gateway/prices.ts'
import type { Fault } from './explain-issue.ts'
import { ROLE_NAMES, RolesFile } from './file-roles.ts'
import { inWords, quoted } from './nearest.ts'

/** The models that who runs Switchyard permits, with their prices. */
export interface PermittedModels {
  readonly prices: PriceTable
  /** Absent: all. */
  readonly allowed?: ModelList
}

/** The faults of a file by its own list; and, where it is known, by that of who runs Switchyard. */
export function modelFaults(content: unknown, permitted: PermittedModels = { prices: [] }): Fault[] {
  const { prices, allowed } = permitted
  const own = Models.catch({}).parse(content).models
  if (own === undefined && allowed === undefined) return []
  const { roles } = Roles.catch({}).parse(content)
  const named = ROLE_NAMES.flatMap((role) => {
    const model = roles?.[role]?.runtime?.model
    return model === undefined ? [] : [{ model, path: ['roles', role, 'runtime', 'model'] }]
  })
  const faults: Fault[] = []
  for (const { model, path } of named) {
    if (own !== undefined && !mayBeListed(model, own, prices))
      faults.push({
        path,
        message: `${quoted(model)} is none of ${quoted('models')}, which has ${words(own)}. Add it there, or name one of these.`,
      })
    else if (allowed !== undefined && !mayBeListed(model, allowed, prices))
      faults.push({
        path,
        message: `${quoted(model)} may not be asked for here. ${who(allowed)} Name one of these, or ask them to add it.`,
      })
  }
  if (allowed === undefined) return faults
  const none = (own ?? []).flatMap((entry, place): Fault[] =>
    narrowedModels([entry], allowed).length > 0
      ? []
      : [{ path: ['models', place], message: `nothing of ${quoted(entry)} may be asked for here. ${who(allowed)}` }],
  )
  return [...faults, ...none]
}

const Models = z.object({ models: ModelList.optional() })
const Roles = z.object({ roles: RolesFile.optional() })

function who(allowed: ModelList): string {
  return `Who runs Switchyard permits ${words(allowed)} (\`ALLOWED_MODELS\`).`
}

function words(list: ModelList): string {
  return inWords(list.map(quoted), 'and')
}
