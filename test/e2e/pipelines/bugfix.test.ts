import { expect, test } from 'vitest'
import { repository } from '../repositories.ts'
import { APPROVES, call, change, done } from '../script.ts'
import { useSwitchyard } from '../use-switchyard.ts'
import { asks, pullOf, tallied, tally } from './answers.ts'

const SOLO = 'acme/solo'

const yard = useSwitchyard({
  repositories: [repository('solo', { merge: { by: 'auto' }, reviewQuietSeconds: 0 })],
  script: (signals) => ({
    calls: [
      call('investigator', 'Guessed', [
        done('I think I know.', { diagnosis: { cause: 'Something', confidence: 0.1, evidence: [], remedy: 'Anything' } }),
      ]),
      { when: { role: 'investigator', resumed: true }, actions: [done('I know.', { diagnosis: {} })] },
      // What was found out reaches who asks, and what was settled reaches the coder.
      call('clarity', ['Broken', 'The note is missing.', 'Dismissed: it needs no answer'], [asks()]),
      call('clarity', ['Broken', 'The note is missing.'], [asks('Since when?')]),
      call('clarity', 'Broken', [{ do: 'exit', code: 1 }]),
      call('coder', ['Broken', 'The note is missing.', 'Since when?'], [...change('note.txt', 'the note\n'), done()]),
      call('coder', 'Markers', [...change('clash.txt', 'ours\n'), done()]),
      call('reviewer', 'Markers', [
        { do: 'wait-for', file: `${signals}/clash` },
        done('Good.', { verdict: { rating: 0.9, summary: 'Good.', comments: [] } }),
      ]),
      call('resolver', 'Markers', [
        tally(signals, 'resolved'),
        { do: 'merge-base', conflicts: 'markers' },
        done('Merged, I think.'),
      ]),
      APPROVES,
    ],
  }),
})

test('[STP-19] [STP-5] bugfix: the diagnosis feeds the questions, both feed the coder, and the fix is merged', async () => {
  const task = yard().task({ title: 'Broken', label: 'switchyard:bugfix' })
  await task.until('needs you')
  task.comment('hubot', '/yard dismiss Q1')
  await task.until('merged')
  await yard().waitFor(() => task.issue().state === 'closed', 'the issue closed')
})

test('[STP-19] [GATE-6] [GATE-1] a resolver that leaves markers gets nothing pushed and no second try on the same commits: a person is asked', async () => {
  const { github, waitFor } = yard()
  const task = yard().task({ title: 'Markers', label: 'switchyard:bugfix' })
  const { pull } = await pullOf(waitFor, task)
  await github.as('mona').push(SOLO, 'main', { 'clash.txt': 'theirs\n' }, 'A clash')
  await yard().signal('clash')
  const text = await task.until('needs you')
  expect(text).toContain('conflict')
  expect(await tallied(yard(), 'resolved')).toBe(1)
  const branches = await github.inspect().branches(SOLO)
  expect(branches[pull.headRef]).toBe(pull.headSha)
  // A person takes the clash off the base.
  await github.as('mona').push(SOLO, 'main', { 'clash.txt': 'ours\n' }, 'No clash any more')
  task.comment('hubot', '/yard retry')
  await task.until('merged')
  expect(await tallied(yard(), 'resolved')).toBe(1)
})

test('[STP-5] a diagnosis without evidence is asked for again once, and is never taken', async () => {
  const task = yard().task({ title: 'Guessed', label: 'switchyard:bugfix' })
  expect(await task.until('failed')).toContain('The agent left no usable report')
})
