/** The options and the state of the step kind `merge`. */
import { z } from 'zod'
import { HeadSha, LegKey } from '../../contract/ids.ts'
import { Estimate } from '../../contract/report.ts'
import { type Step, StepConfig } from '../model.ts'
import { LegHead } from '../outputs.ts'
import { changedLegs } from '../state.ts'
import type { StepContext } from '../step-kind.ts'

export const MergeConfig = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('merge'),
  by: z.enum(['person', 'auto', 'policy']).optional().describe('Who merges; the `merge.by` of the configuration if absent.'),
  autoMerge: z
    .boolean()
    .default(false)
    .describe("Whether GitHub's auto-merge is switched on where only GitHub's own rules are not met yet."),
  role: z.string().default('estimator').describe('The role that assesses the change where a policy decides.'),
})
export type MergeConfig = z.infer<typeof MergeConfig>

const memory = {
  /** On whose word these heads merge; null until somebody has said so. It holds for exactly these heads. */
  word: z.object({ by: z.enum(['auto', 'person', 'policy']), heads: z.array(LegHead) }).nullable(),
  /** This step's own assessment, and the heads it is of. */
  assessment: z.object({ estimate: Estimate, heads: z.array(LegHead) }).nullable(),
  /** Heads for which auto-merge was switched on, or tried. */
  autos: z.array(HeadSha).max(100),
  /** How often the merge queue threw a head out. */
  thrown: z.array(z.object({ head: HeadSha, count: z.int().positive() })).max(100),
}
/** A pull request that GitHub merges by itself, when its turn comes or its rules are met. */
const Queued = z.object({ leg: LegKey, by: z.enum(['queue', 'auto-merge']) })
export type Queued = z.infer<typeof Queued>

export const MergeData = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle'), ...memory }),
  /** Pull requests that are missing are being opened: the step that had to was skipped. */
  z.object({ phase: z.literal('opening'), ...memory }),
  z.object({ phase: z.literal('assessing'), heads: z.array(LegHead), ...memory }),
  /** `reasons`: why the policy left it to a person. */
  z.object({ phase: z.literal('person'), reasons: z.array(z.string()), ...memory }),
  z.object({
    phase: z.literal('asking'),
    effect: z.string(),
    asks: z.int().nonnegative(),
    queued: Queued.nullable(),
    ...memory,
  }),
  z.object({ phase: z.literal('watching'), why: z.string(), asks: z.int().nonnegative(), ...memory }),
  z.object({ phase: z.literal('merging'), effect: z.string(), leg: LegKey, auto: z.boolean(), ...memory }),
  z.object({ phase: z.literal('queued'), queued: Queued, ...memory }),
])
export type MergeData = z.infer<typeof MergeData>
export type MergeIn<P extends MergeData['phase']> = Extract<MergeData, { phase: P }>
export type MergeContext = StepContext<MergeConfig, MergeData>
export type MergeMemory = ReturnType<typeof memoryOf>

export const NO_MEMORY: MergeMemory = { word: null, assessment: null, autos: [], thrown: [] }

/** What outlives a phase. */
export function memoryOf({ word, assessment, autos, thrown }: MergeData) {
  return { word, assessment, autos, thrown }
}

/**
 * Why nothing may come between at this moment: a merge call was asked for and its answer is not there, or GitHub holds
 * the pull request in a queue and merges it by itself. Null where nothing is under way.
 */
export function mergeUnderWay(step: Step): string | null {
  if (step.kind !== 'merge' || step.status.state !== 'active') return null
  const data = MergeData.safeParse(step.data).data
  if (data?.phase === 'merging') return 'A merge is under way at this moment; try again when its answer is there.'
  if (data?.phase === 'queued' || (data?.phase === 'asking' && data.queued !== null))
    return 'GitHub is to merge a pull request by itself (merge queue or auto-merge); take it out there first, or wait for it.'
  return null
}

/**
 * The leg that GitHub merges by itself for this step, by its merge queue or by auto-merge, whatever becomes of the run; else
 * null. A merge call under way counts: where the branch has a queue it may be on its way into that.
 */
export function takenOver(step: Step): LegKey | null {
  if (step.kind !== 'merge' || step.status.state !== 'active') return null
  const data = MergeData.safeParse(step.data).data
  if (data?.phase === 'merging') return data.leg
  return data?.phase === 'queued' || data?.phase === 'asking' ? (data.queued?.leg ?? null) : null
}

type Changed = ReturnType<typeof changedLegs>[number]

/** The changed legs in the order in which they merge. */
export function inOrder({ run }: Pick<MergeContext, 'run'>): Changed[] {
  return changedLegs(run).toSorted((a, b) => run.mergeOrder.indexOf(a.key) - run.mergeOrder.indexOf(b.key))
}

export function unmerged(context: Pick<MergeContext, 'run'>): Changed[] {
  return inOrder(context).filter((leg) => leg.mergedSha === null)
}

export function merged(context: Pick<MergeContext, 'run'>): Changed[] {
  return inOrder(context).filter((leg) => leg.mergedSha !== null)
}

/** The word that these heads may merge covers every leg that is still to merge, at its head. */
export function covers(heads: readonly LegHead[] | undefined, open: readonly Changed[]): boolean {
  return open.every(({ key, head }) => heads?.some((each) => each.leg === key && each.head === head))
}
