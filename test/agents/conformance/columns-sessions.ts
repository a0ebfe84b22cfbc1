/** Going on in a session: for rework, and for a report that cannot be used. */
import assert from 'node:assert/strict'
import { type Column, commit, type Finished, finished, report, shared } from './cell.ts'
import type { Work } from './columns-work.ts'
import type { Stand, TriedJob } from './stand.ts'

const SECOND = { id: 'run1-code-2', epoch: 2, nonce: 'nonce-of-the-second-job', prompt: 'SECOND-TASK' }

interface Rework {
  job: TriedJob
  result: Finished
}

/** A second job in the session of the first, whose report cannot be used. */
async function rework({ job: first, result }: Work, stand: Stand): Promise<Rework> {
  assert.ok(result.session, 'the first job has no session')
  const resume = { job: 'run1-code-1', session: result.session }
  const bad: ReturnType<typeof report> = report({ summary: 7 })
  const job = await stand.start(
    first.shop,
    ({ api }) => [commit(api, 'rework.txt'), bad, { say: 'SECOND-WORDS' }, report({ summary: 'Repaired.' })],
    { ...SECOND, resume },
  )
  return { job, result: finished(await job.done) }
}

export function sessionColumns(work: (stand: Stand) => Promise<Work>): Column[] {
  const done = shared(async (stand: Stand) => rework(await work(stand), stand))
  const toldAt = ({ job }: Rework, nth: number) =>
    job.model
      .turns()
      [nth]?.messages.map(({ text }) => text)
      .join('\n') ?? ''
  return [
    {
      title: 'resume after rework',
      shows: '[AGT-6]',
      promise:
        'A later job goes on in the same session: the model is told the first task, its own last words and the new task.',
      async check(stand) {
        const reworked = await done(stand)
        assert.match(toldAt(reworked, 0), /FIRST-TASK.*FINAL-WORDS.*SECOND-TASK/s)
        assert.doesNotMatch(reworked.result.notes.join('\n'), /fresh/)
        assert.equal(reworked.result.legs[0]?.push.status, 'pushed')
        return ''
      },
    },
    {
      title: 'repair of a bad report',
      shows: '[REP-4]',
      promise: 'A report that breaks the schema is asked for once more in the same session, with its faults.',
      async check(stand) {
        const reworked = await done(stand)
        assert.equal(reworked.result.report.summary, 'Repaired.')
        assert.match(toldAt(reworked, 3), /SECOND-TASK.*SECOND-WORDS.*Your report cannot be used:\n- summary: /s)
        return ''
      },
    },
  ]
}
