/** The options and the state of the step kind `ci`. */
import { z } from 'zod'
import { HeadSha, LegKey } from '../../contract/ids.ts'
import { Instant, StepConfig } from '../model.ts'
import { AcceptedCheck } from '../outputs.ts'
import type { StepContext } from '../step-kind.ts'

/** How many fixes a red change set gets before a person is asked. */
export const DEFAULT_ATTEMPTS = 10
/** How often the failing jobs of a head run again before a fixer works on them. */
export const DEFAULT_RERUNS = 2
/** How long a new head may be without any check where earlier ones had some, in minutes. */
export const DEFAULT_GRACE_MINUTES = 10

/** Of how many heads the re-runs are remembered. */
export const RERUNS_MAX = 100

export const CiConfig = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('ci'),
  role: z.string().default('fixer').describe('The role that mends what the checks found.'),
  attempts: z.int().min(0).max(50).default(DEFAULT_ATTEMPTS).describe('Fixes before a person is asked.'),
  reruns: z
    .int()
    .min(0)
    .max(5)
    .default(DEFAULT_RERUNS)
    .describe('How often the failing jobs of a commit run again before a fixer works on them; 0 switches it off.'),
  graceMinutes: z
    .number()
    .min(0)
    .max(120)
    .default(DEFAULT_GRACE_MINUTES)
    .describe('How long a new commit may be without any check where earlier ones had some, in minutes.'),
})
export type CiConfig = z.infer<typeof CiConfig>

const Memory = z.object({
  fixes: z.int().nonnegative(),
  /** Extra fixes that a person granted. */
  granted: z.int().nonnegative(),
  /** Failing evidence that a fixer has worked on already. */
  evidence: z.array(z.string()).max(100),
  /** Heads without any check, and since when they were seen so. */
  bare: z.array(z.object({ head: HeadSha, since: Instant })).max(20),
  /** Legs that had checks at some head: a new one without any has not begun, rather than none. */
  had: z.array(LegKey).max(20),
  reruns: z.array(z.object({ head: HeadSha, count: z.int().nonnegative() })).max(RERUNS_MAX),
  /** The jobs of this evidence were started again; until then GitHub may still show their old ends, of these addresses. */
  settling: z.object({ key: z.string(), until: Instant, ends: z.array(z.string()).max(20_000).default([]) }).nullable(),
  /** Failing checks that a person went on with. */
  accepted: z.array(AcceptedCheck).max(1_000),
})
export type CiMemory = z.infer<typeof Memory>

/** What failed, and what its fixer is told. */
const Evidence = z.object({ key: z.string(), failing: z.array(z.string()).max(20_000), evidenceText: z.string() })
export type CiEvidence = z.infer<typeof Evidence>

const memory = Memory.shape
const evidence = Evidence.shape
export const CiData = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle'), ...memory }),
  /** GitHub is asked at `from`, not before. `again`: a hint came after that, so the answer may be older than the hint. */
  z.object({ phase: z.literal('asking'), effect: z.string(), from: Instant, again: z.boolean(), ...memory }),
  z.object({ phase: z.literal('watching'), why: z.string(), ...memory }),
  z.object({ phase: z.literal('rerunning'), effect: z.string(), ...evidence, ...memory }),
  /** `key` names the evidence; it counts as seen when the fixer has worked on it, not when it was lost on the way. */
  z.object({ phase: z.literal('fixing'), ...evidence, ...memory }),
  z.object({ phase: z.literal('opening'), ...memory }),
  /** `base`: what failed is red on the base branch too, and a person may go on with it; else empty. */
  z.object({ phase: z.literal('stuck'), why: z.string(), base: z.array(AcceptedCheck).max(1_000), ...evidence, ...memory }),
])
export type CiData = z.infer<typeof CiData>
export type CiIn<P extends CiData['phase']> = Extract<CiData, { phase: P }>
export type CiContext = StepContext<CiConfig, CiData>

export const NO_MEMORY: Readonly<CiMemory> = {
  fixes: 0,
  granted: 0,
  evidence: [],
  bare: [],
  had: [],
  reruns: [],
  settling: null,
  accepted: [],
}

/** What outlives a phase. */
export function memoryOf(data: CiData): CiMemory {
  const { fixes, granted, evidence, bare, had, reruns, settling, accepted } = data
  return { fixes, granted, evidence, bare, had, reruns, settling, accepted }
}
