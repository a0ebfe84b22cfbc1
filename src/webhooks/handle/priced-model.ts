/** What can be said of a model that somebody names: coding agents have no list of theirs, but Switchyard has one of prices. */
import type { Environment } from '../../config/environment.ts'
import { inWords, nearest, quoted } from '../../config/nearest.ts'
import type { ModelList } from '../../contract/model-list.ts'
import { isPriced, mayBeListed } from '../../gateway/allowed-model.ts'
import { PRICES } from '../../gateway/prices.ts'
import type { RunSettings } from '../../pipeline/run-settings.ts'

/** Why a model may not be asked for in this run, and what to do; null where it may. */
export function unlistedModel(
  model: string,
  { prices, allowed }: Environment['models'],
  { models }: Pick<RunSettings, 'models'>,
): { why: string; remedy: string } | null {
  const only = (list: ModelList) => (list.length === 0 ? 'no model' : inWords(list.map(quoted), 'and'))
  if (allowed !== undefined && !mayBeListed(model, allowed, prices)) {
    return {
      why: `${quoted(model)} may not be asked for here`,
      remedy: `Who runs Switchyard permits ${only(allowed)} (\`ALLOWED_MODELS\`).`,
    }
  }
  if (models === undefined || mayBeListed(model, models, prices)) return null
  return {
    why: `${quoted(model)} may not be asked for in this repository`,
    remedy: `\`models\` in \`.github/switchyard.yml\`, here and in the organisation's \`.github\`, permits ${only(models)}.`,
  }
}

/** A model without a price: what that means, going on from "was not done: ", and what to do. */
export interface Unpriced {
  /** Whether this deployment calls no such model. */
  refused: boolean
  why: string
  remedy: string
}

/** Null where the price of the model is known, or of what it is an alias of. */
export function unpricedModel(model: string, { prices, unpriced }: Environment['models']): Unpriced | null {
  if (isPriced(model, prices)) return null
  // A line may stand for a family: its name goes without the glob's star.
  const known = [...prices, ...PRICES].map((line) => line.model.replace(/\*+$/, ''))
  const near = nearest(model.slice(model.lastIndexOf('/') + 1), known)
  const slip = near.length === 0 ? '' : ` Did you mean ${inWords(near.map(quoted), 'or')}?`
  if (unpriced === 'refuse') {
    return {
      refused: true,
      why: `the price of ${quoted(model)} is not known, and no model without one may be called here`,
      remedy: `${slip} Ask who runs Switchyard to add its price (\`MODEL_PRICES\`).`.trim(),
    }
  }
  return {
    refused: false,
    why: `the price of ${quoted(model)} is not known, so what it costs is not counted`,
    remedy: `Coding agents have no list of their models: whether the agent knows this one shows with its next job.${slip}`,
  }
}
