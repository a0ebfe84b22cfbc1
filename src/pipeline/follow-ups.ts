/**
 * What agents noticed on the way (JOB-14): kept in the run, so that it outlives the job that told it, and filed as an issue
 * at a person's word, whatever the run is doing. An item keeps its name for ever; items are only added.
 */
import { FOLLOW_UPS_MAX, type FollowUp, followUpKey } from '../contract/follow-up.ts'
import type { RunEventOf } from './events.ts'
import type { Noticed, Run } from './model.ts'
import { note, type Turn } from './turn.ts'

/** Takes in what is new, as long as the run is not over; told again it changes nothing. */
export function takeNoticed(run: Run, followUps: readonly FollowUp[]): void {
  if (run.status.state !== 'active' && run.status.state !== 'paused') return
  const known = new Set(run.followUps.map(followUpKey))
  const all = [...run.followUps]
  for (const followUp of followUps) {
    const key = followUpKey(followUp)
    if (known.has(key) || all.length >= FOLLOW_UPS_MAX) continue
    known.add(key)
    all.push({ ...followUp, id: `F${all.length + 1}`, ticket: { state: 'open' } })
  }
  if (all.length > run.followUps.length) run.followUps = all
}

/** An issue that is filed stays filed: a late answer never takes it back. */
export function takeFiled(run: Run, { followUp, repository, number, url }: RunEventOf<'follow-up.filed'>): void {
  const item = run.followUps.find(({ id }) => id === followUp)
  if (item !== undefined && item.ticket.state !== 'filed') put(run, followUp, { state: 'filed', repository, number, url })
}

/** Says what was taken in; false where nothing was. */
export function noteFollowUps(turn: Turn, before: Run, event: RunEventOf<'follow-ups.noticed' | 'follow-up.filed'>): boolean {
  if (turn.run.followUps === before.followUps) return false
  if (event.type === 'follow-up.filed') note(turn, event.type, `${event.followUp} is ${event.repository}#${event.number}`)
  else for (const { id, title } of turn.run.followUps.slice(before.followUps.length)) note(turn, event.type, `${id}: ${title}`)
  return true
}

/** A person wants it as an issue. Null when that is done or under way, else why not. */
export function fileFollowUp(turn: Turn, event: RunEventOf<'command.file'>): string | null {
  const { run } = turn
  const item = run.followUps.find(({ id }) => id === event.followUp)
  if (item === undefined) {
    const last = run.followUps.at(-1)?.id
    if (last === undefined) return 'Nothing was noticed on the way that could be filed as an issue.'
    return `Nothing of that name was noticed; the status comment lists F1${last === 'F1' ? '' : ` to ${last}`}.`
  }
  if (item.ticket.state === 'filed' || item.ticket.state === 'filing') return null
  const effect = `${run.id}-${run.version}-file-${item.id}`
  put(run, item.id, { state: 'filing', effect })
  turn.effects.push({ kind: 'file-follow-up', id: effect, followUp: item.id })
  note(turn, event.type, `files ${item.id} as an issue`, { who: event.actor.login })
  return null
}

/** It could not be filed: said in its line, which has its box again. False where the effect was another one. */
export function followUpNotFiled(turn: Turn, { effect, failure }: RunEventOf<'effect.failed'>): boolean {
  const item = turn.run.followUps.find(({ ticket }) => ticket.state === 'filing' && ticket.effect === effect)
  if (item === undefined) return false
  put(turn.run, item.id, { state: 'failed', why: failure.message.slice(0, 500).toWellFormed() })
  note(turn, 'follow-up.failed', `${item.id}: ${failure.cause}: ${failure.message}`)
  return true
}

function put(run: Run, followUp: string, ticket: Noticed['ticket']): void {
  run.followUps = run.followUps.map((item) => (item.id === followUp ? { ...item, ticket } : item))
}
