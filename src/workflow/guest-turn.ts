import { z } from 'zod'

/** An error as the kit describes it. */
export const GuestError = z.object({
  message: z.string().max(2_000),
  stack: z.string().max(4_000),
  /** QuickJS's own error: there was no memory left. */
  internal: z.boolean(),
})
export type GuestError = z.infer<typeof GuestError>

/** A call as the script asked for it, its options still text. */
export const GuestCall = z.object({
  index: z.int().nonnegative(),
  kind: z.enum(['agent', 'checkpoint', 'collect']),
  prompt: z.string(),
  phase: z.string().max(100).nullable(),
  options: z.string(),
  /** Of `collect`: whose branches. */
  calls: z.array(z.int().nonnegative()).max(10_000).optional(),
  stack: z.string().max(4_000),
})
export type GuestCall = z.infer<typeof GuestCall>

/** A workflow that the script wants to have loaded. */
export const GuestLoad = z.object({ id: z.int().nonnegative(), name: z.string().max(2_000), args: z.string() })
export type GuestLoad = z.infer<typeof GuestLoad>

/** What the kit hands out after each turn: text of a hostile realm until it fits here. */
export const GuestTurn = z.object({
  calls: z.array(GuestCall),
  log: z.array(z.object({ phase: z.string().max(100).nullable(), message: z.string().max(2_000) })),
  loads: z.array(GuestLoad),
  phase: z.string().max(100).nullable(),
  fatal: z.object({ kind: z.enum(['determinism', 'limit']), message: z.string().max(2_000), stack: z.string() }).nullable(),
  end: z.union([z.object({ result: z.string() }), z.object({ error: GuestError })]).nullable(),
})
export type GuestTurn = z.infer<typeof GuestTurn>
