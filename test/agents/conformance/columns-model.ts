/** A model that does not answer, or not as it should. */
import assert from 'node:assert/strict'
import type { JobResult } from '../../../src/contract/job.ts'
import type { Misbehaviour, Turn } from '../../model/script.ts'
import { type Column, commit, failed, report, shared, shell } from './cell.ts'
import type { Stand } from './stand.ts'

const RETRY_AFTER_S = 600

/** What the model does wrong, in this order: whoever goes on after one comes to the next. */
const WRONGS = {
  overload: { kind: 'overloaded' },
  torn: { kind: 'torn' },
  truncated: { kind: 'truncated' },
  malformed: { kind: 'malformed' },
  'context overflow': { kind: 'context-overflow' },
  'rate limit': { kind: 'status', status: 429, retryAfterSeconds: RETRY_AFTER_S },
} as const satisfies Record<string, Misbehaviour>
type Wrong = keyof typeof WRONGS

/** What came of each: the agent went on, or what the job ended with. */
type Ends = ReadonlyMap<Wrong, string>
const GOES_ON = 'goes on'
/** It took the spoilt answer for the model's last word, and the runner asked it for its report. */
const REMINDED = 'reminded'
/** It failed, and what it had committed before was pushed. */
const RECOVERED = 'recovered'

const next: Turn = { say: '', tools: [shell('true')] }
const isReminder = (text: string | undefined) => text?.startsWith('Your report cannot be used') === true

/** Lets the model do everything wrong; a job that ends by it is followed by one with the rest. */
async function endsOf(stand: Stand): Promise<Ends> {
  const ends = new Map<Wrong, string>()
  let left = Object.keys(WRONGS) as Wrong[]
  while (left.length > 0) {
    const wrongs = left.flatMap((wrong): Turn[] => [{ misbehave: WRONGS[wrong] }, next])
    const job = await stand.start(await stand.open(), ({ api }, { messages }) => {
      const reminder = messages.findIndex(({ text }) => isReminder(text))
      if (reminder === -1) return [commit(api, 'one.txt'), ...wrongs, report()]
      return reminder === messages.length - 1 ? report() : { say: 'Reported.' }
    })
    const result = await job.done
    assert.equal(result.legs[0]?.push.status, 'pushed', 'what was committed before is kept')
    const turns = job.model.turns()
    const reminded = turns.findIndex(({ messages }) => isReminder(messages.at(-1)?.text))
    // The first request asked for the commit; of each two that follow, the first was answered wrongly.
    const met = left.slice(0, Math.ceil(((reminded === -1 ? turns.length : reminded) - 1) / 2))
    for (const wrong of met) ends.set(wrong, GOES_ON)
    const last = met.at(-1)
    const end = endOf(result, reminded !== -1)
    if (end === GOES_ON || last === undefined) break
    ends.set(last, end)
    if (last === 'rate limit') assert.equal(turns.length, met.length * 2, 'the model was asked again')
    left = left.slice(met.length)
  }
  return ends
}

function endOf(result: JobResult, reminded: boolean): string {
  if (result.status !== 'finished') return failed(result).failure.cause
  if (result.report.recovered === true) return RECOVERED
  return reminded ? REMINDED : GOES_ON
}

export function modelColumns(): Column[] {
  const ends = shared(endsOf)
  const known = async (stand: Stand, wrong: Wrong) => {
    const end = (await ends(stand)).get(wrong)
    assert.ok(end !== undefined, `${wrong} was never met`)
    return end
  }
  return [
    {
      title: 'overload',
      shows: '[AGT-5]',
      promise: 'When the model says 529 (or 503), the gateway asks again and the agent never hears of it.',
      async check(stand) {
        assert.equal(await known(stand, 'overload'), GOES_ON)
        return ''
      },
    },
    {
      title: 'broken answers',
      shows: '[AGT-5]',
      promise:
        'When an answer of the model is torn, ends too early, or is no JSON, it asks anew and goes on. Where not, the job fails with the cause named; or it takes the answer for the last and is reminded of its report; or its work is recovered.',
      async check(stand) {
        const told = []
        for (const wrong of ['torn', 'truncated', 'malformed'] as const) {
          const end = await known(stand, wrong)
          assert.ok([GOES_ON, REMINDED, RECOVERED, 'model'].includes(end), `${wrong}: ${end}`)
          if (end !== GOES_ON) told.push(`${wrong}: ${end}`)
        }
        return told.length === 0 ? GOES_ON : told.join(', ')
      },
    },
    {
      title: 'context overflow',
      shows: '[AGT-5]',
      promise:
        'When the model says that the prompt is too long, it goes on with less, or the job fails with the cause "model".',
      async check(stand) {
        const end = await known(stand, 'context overflow')
        if (end === GOES_ON) return GOES_ON
        assert.equal(end, 'model')
        return 'the job fails'
      },
    },
    {
      title: 'rate limit',
      shows: '[AGT-5]',
      promise:
        'When the model says 429 and to wait for long, the job fails at once with the cause "rate-limit"; retrying is not left to the agent.',
      async check(stand) {
        assert.equal(await known(stand, 'rate limit'), 'rate-limit')
        return ''
      },
    },
    {
      title: 'endless tool calls',
      shows: '[GRD-1] [GRD-3]',
      promise: 'When its model wants the same failing command without end, it is stopped with the cause "no-progress".',
      async check(stand) {
        const endless = { endless: shell('exit 3') }
        const job = await stand.start(await stand.open(), ({ api }) => [commit(api, 'one.txt'), endless])
        const result = failed(await job.done)
        assert.equal(result.failure.cause, 'no-progress')
        assert.equal(result.legs[0]?.push.status, 'pushed')
        assert.deepEqual(job.processes(), [])
        return ''
      },
    },
  ]
}
