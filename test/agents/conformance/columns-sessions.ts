/** Going on in a session: for rework, and for a report that cannot be used. */
import assert from 'node:assert/strict'
import { type Column, commit, finished, report } from './cell.ts'
import type { Work } from './columns-work.ts'
import type { Stand } from './stand.ts'

const SECOND = { id: 'run1-code-2', epoch: 2, nonce: 'nonce-of-the-second-job', prompt: 'SECOND-TASK' }

export function sessionColumns(work: (stand: Stand) => Promise<Work>): Column[] {
  return [
    {
      title: 'resume after rework',
      shows: '[AGT-6]',
      promise:
        'A later job goes on in the same session: the model is told the first task, its own last words and the new task.',
      async check(stand) {
        const { job: first, result } = await work(stand)
        assert.ok(result.session, 'the first job has no session')
        const resume = { job: 'run1-code-1', session: result.session }
        const job = await stand.start(first.shop, ({ api }) => [commit(api, 'rework.txt'), report()], { ...SECOND, resume })
        const reworked = finished(await job.done)
        const said = job.model.turns()[0]?.messages.map(({ text }) => text) ?? []
        assert.match(said.join('\n'), /FIRST-TASK.*FINAL-WORDS.*SECOND-TASK/s)
        assert.doesNotMatch(reworked.notes.join('\n'), /fresh/)
        assert.equal(reworked.legs[0]?.push.status, 'pushed')
        return ''
      },
    },
    {
      title: 'repair of a bad report',
      shows: '[REP-4]',
      promise: 'A report that breaks the schema is asked for once more in the same session, with its faults.',
      async check(stand) {
        const job = await stand.start(await stand.open(), ({ api }) => [
          commit(api, 'one.txt'),
          report({ summary: 7 }),
          { say: 'FINAL-WORDS' },
          report({ summary: 'Repaired.' }),
        ])
        const result = finished(await job.done)
        assert.equal(result.report.summary, 'Repaired.')
        const asked = job.model.turns()[3]?.messages.map(({ text }) => text) ?? []
        assert.match(asked.join('\n'), /FINAL-WORDS.*Your report cannot be used:\n- summary: /s)
        return ''
      },
    },
  ]
}
