/** What is done once is done once: tickets, deployments, replies, questions; and what GitHub would merge by itself is taken back in time. */
import type { Run } from '../../../../src/pipeline/model.ts'
import { type Fault, heldWait, type Rule, restarted, type Seen } from './rule.ts'

function fault(invariant: string, message: string): Fault {
  return { invariant, message }
}

/** 3: a step whose issue is filed files no second one. What a restart asks for the handler finds. */
export function tickets(): Rule {
  const filed = new Set<string>()
  return (seen) => {
    const { before, event, decision } = seen
    for (const step of restarted(seen)) filed.delete(step)
    const asked = decision.effects.flatMap((effect) =>
      effect.kind === 'file-ticket' && filed.has(effect.step) ? [fault('3', `${effect.step} files a second issue`)] : [],
    )
    if (event.type === 'ticket.filed') {
      const step = before.steps.find(({ status }) => status.state === 'active')
      if (step?.kind === 'ticket') filed.add(step.id)
    }
    return asked
  }
}

/** 3, 4: each leg is deployed at the head it has, once in one question. */
export function deployments({ decision }: Seen): Fault[] {
  return decision.effects.flatMap((effect) => {
    if (effect.kind !== 'create-deployments') return []
    const keys = effect.legs.map(({ leg }) => leg)
    const stale = effect.legs.filter(({ leg, head }) => !headsOf(decision.run, leg).includes(head))
    return [
      ...(new Set(keys).size === keys.length ? [] : [fault('3', 'a repository is deployed twice at once')]),
      ...stale.map(({ leg, head }) => fault('4', `${leg} would be deployed at ${head}, where it is not`)),
    ]
  })
}

/** A merged leg is deployed at its merge commit. */
function headsOf({ legs }: Run, key: string): (string | null)[] {
  const leg = legs.find((each) => each.key === key)
  return leg === undefined ? [] : leg.mergedSha === null ? [leg.head] : [leg.mergedSha, leg.pull?.mergeSha ?? null]
}

/** 3: a conversation is replied to only where GitHub said since the last reply that somebody with rights waits for one; a request once. */
export function replies(): Rule {
  /** What waits for a reply, by where it is: the name of its newest remark. */
  const due = new Map<string, { name: string; request: boolean }>()
  const answered = new Set<string>()
  const sent = new Map<string, string[]>()
  return (seen) => {
    const { before, event, decision } = seen
    if (restarted(seen).length > 0) answered.clear()
    const wait = heldWait(before)
    const awaited = wait?.for === 'effect' && 'effect' in event && wait.effect === event.effect
    if (event.type === 'reviews.reported' && awaited) {
      for (const { leg, threads, changeRequests } of event.legs) {
        for (const { id, trusted, resolved, answered: over, comments } of threads)
          if (over) due.delete(`${leg} ${id}`)
          else if (trusted && !resolved)
            due.set(`${leg} ${id}`, { name: `${leg} ${id} ${comments.at(-1)?.at}`, request: false })
        for (const { id, at, trusted } of changeRequests)
          if (trusted) due.set(`${leg} ${id}`, { name: `${leg} ${id} ${at}`, request: true })
      }
    }
    if (event.type === 'threads.answered' && awaited) {
      for (const place of sent.get(event.effect) ?? []) {
        answered.add(due.get(place)?.name ?? place)
        due.delete(place)
      }
    }
    return decision.effects.flatMap((effect) => {
      if (effect.kind !== 'answer-threads') return []
      const places = effect.replies.map(({ leg, thread }) => `${leg} ${thread}`)
      sent.set(effect.id, places)
      const wrong = places.filter((place) => {
        const waits = due.get(place)
        return waits === undefined || (waits.request && answered.has(waits.name))
      })
      const twice = new Set(places).size < places.length ? ['one place twice'] : []
      return [...wrong, ...twice].map((place) => fault('3', `a reply to ${place}, which waits for none`))
    })
  }
}

interface Questions {
  findings: { id: string; finding: { text: string }; how: string }[]
}

/** What was settled is not asked again in other letters, and a number never names another question. */
export function questions(): Rule {
  const settled = new Map<string, Set<string>>()
  const numbers = new Map<string, string>()
  return (seen) => {
    const faults: Fault[] = []
    for (const step of restarted(seen)) {
      settled.delete(step)
      for (const key of [...numbers.keys()]) if (key.startsWith(`${step} `)) numbers.delete(key)
    }
    for (const [index, { id: step, kind, data }] of seen.decision.run.steps.entries()) {
      if (kind !== 'questions' || data === seen.before.steps[index]?.data) continue
      const known = settled.get(step) ?? new Set()
      for (const { id, finding, how } of (data as Questions).findings) {
        const text = finding.text
          .toLowerCase()
          .replaceAll(/[^a-z0-9]+/g, ' ')
          .trim()
        const earlier = numbers.get(`${step} ${id}`) ?? text
        numbers.set(`${step} ${id}`, text)
        if (earlier !== text) faults.push(fault('8', `${id} of ${step} is another question now`))
        if (how === 'open' && known.has(text)) faults.push(fault('8', `${step} asks again what was settled: ${text}`))
      }
      for (const { finding, how } of (data as Questions).findings)
        if (how !== 'open')
          known.add(
            finding.text
              .toLowerCase()
              .replaceAll(/[^a-z0-9]+/g, ' ')
              .trim(),
          )
      settled.set(step, known)
    }
    return faults
  }
}

/** 7: GitHub merges nothing by itself for a run that is held, over, or gone back. */
export function withdrawals(): Rule {
  let on: { leg: string; by: 'queue' | 'auto-merge' } | null = null
  return ({ event, decision }) => {
    const { run, effects } = decision
    if (event.type === 'merge.queued' && run.status.state === 'active') on = event
    if (on === null) return []
    const { leg: key, by } = on
    if (event.type === 'pulls.reported' && event.pulls.some(({ leg, queued }) => leg === key && queued === false)) {
      on = null
      return []
    }
    // Taken out, whatever the step does meanwhile: it may stay where it is and ask a person.
    if (effects.some((effect) => effect.kind === 'withdraw-merge' && effect.legs.some((leg) => leg === key))) {
      on = null
      return []
    }
    const step = run.steps.find(({ status }) => status.state === 'active')
    const open = run.legs.find((leg) => leg.key === key)?.pull?.state === 'open'
    if (open && run.status.state === 'active' && step?.kind === 'merge') return []
    on = null
    return open ? [fault('7', `GitHub was left to merge ${key} by itself (${by})`)] : []
  }
}
