import type { RunId } from '../contract/ids.ts'
import type { Instant } from '../pipeline/model.ts'

/** Deliveries to interpret. */
export const DELIVERIES_QUEUE = 'deliveries'
/** Effects to carry out. */
export const EFFECTS_QUEUE = 'effects'
/** Timers and sweeps: they only wake us, what is due is in the store. */
export const WAKE_QUEUE = 'wake'
/** The sweep that lets queued runs in. */
export const ADMISSION_SWEEP = 'admission'

/** Job ids are deterministic, so that adding twice is adding once. BullMQ allows no `:` and not digits only. */
export function deliveryJobId(delivery: string, notBefore?: Instant): string {
  return `delivery-${plain(delivery)}${later(notBefore)}`
}

export function effectJobId(effect: string, notBefore?: Instant): string {
  return `effect-${plain(effect)}${later(notBefore)}`
}

/** What is put back for later gets a job of its own: while the first is worked on, its id is taken. No plain text has this. */
function later(notBefore: Instant | undefined): string {
  return notBefore === undefined ? '' : `_after_${notBefore}`
}

/** With the time in it: a timer that was moved gets a job of its own, the older one wakes us for nothing. */
export function timerJobId(run: RunId, timer: string, dueAt: Instant): string {
  return `timer-${run}-${plain(timer)}-${dueAt}`
}

/** Letters, digits and `-` as they are, all else as its code: different texts stay different. */
function plain(text: string): string {
  return text.replace(/[^A-Za-z0-9-]/g, (char) => `_${char.codePointAt(0)?.toString(16)}_`)
}
