/** What an attack is, and how it is judged: by what can be seen afterwards, never by what the code says of itself. */
import type { Scene } from './scene.ts'

/**
 * Who learns of an attack that failed. `people`: those of the run, on GitHub or in its result, which is shown there;
 * `asker`: only who tried, by the answer they get; `log`: who runs Switchyard; `nobody`: it has no effect worth a word.
 */
export type Told = 'people' | 'asker' | 'log' | 'nobody'

/** One attack. The words are what `docs/security.md` shows. */
export interface Attack {
  /** What it tries, in a few words; unique. */
  readonly name: string
  /** How it tries it, really. */
  readonly how: string
  /** What stops it. */
  readonly stopped: string
  readonly told: Told
  /** Why it is known to get something today. It is still tried: one that fails is not open any more. */
  readonly open?: string
  attempt(scene: Scene): Promise<Seen>
}

/** What was seen after an attempt. */
export interface Seen {
  /** What it got, each in a few words; empty where it got nothing. */
  readonly got: readonly string[]
  /** What shows that it was tried and stopped. Where it is empty, nothing was shown. */
  readonly stopped: string
  /** What those said to learn of it were told, as it was read there; null where nothing was. */
  readonly told: string | null
}

export interface Topic {
  readonly title: string
  readonly attacks: readonly Attack[]
}

/** Thrown where this machine lacks what an attack needs: it was not tried. */
export class NotHereError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'NotHereError'
  }
}

/** `broken`: it was not shown to be stopped, or those who are to be told were not. `closed`: it is marked open, and failed. */
export type Verdict = 'stopped' | 'succeeded' | 'open' | 'closed' | 'broken' | 'skipped'

export interface Outcome {
  readonly topic: string
  readonly name: string
  readonly verdict: Verdict
  /** What was seen, or why it counts as it does. */
  readonly saw: string
  readonly told: Told
  readonly ms: number
}

/** Tries one attack. Does not throw. */
export async function tryAttack(topic: string, attack: Attack, scene: Scene): Promise<Outcome> {
  const begun = performance.now()
  const judged = await attack.attempt(scene).then(
    (seen) => judge(attack, seen),
    (error: unknown) => ({
      verdict: error instanceof NotHereError ? ('skipped' as const) : ('broken' as const),
      saw: words(error),
    }),
  )
  return { topic, name: attack.name, told: attack.told, ms: Math.round(performance.now() - begun), ...judged }
}

/** Whether an attack failed as it must. */
export function judge({ open, told }: Pick<Attack, 'open' | 'told'>, seen: Seen): Pick<Outcome, 'verdict' | 'saw'> {
  if (seen.got.length > 0) return { verdict: open === undefined ? 'succeeded' : 'open', saw: seen.got.join('; ') }
  if (open !== undefined) return { verdict: 'closed', saw: 'It is marked open, and got nothing: take the mark away.' }
  if (seen.stopped === '') return { verdict: 'broken', saw: 'Nothing shows that it was tried.' }
  if (told !== 'nobody' && (seen.told ?? '') === '') return { verdict: 'broken', saw: `Not told (${told}); ${seen.stopped}` }
  return { verdict: 'stopped', saw: seen.stopped }
}

/** Whether this outcome lets the suite pass. Where nothing may be missing, nothing may be skipped. */
export function isGood({ verdict }: Outcome, everythingIsHere: boolean): boolean {
  return verdict === 'stopped' || verdict === 'open' || (verdict === 'skipped' && !everythingIsHere)
}

function words(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
