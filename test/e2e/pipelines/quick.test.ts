import { expect, test } from 'vitest'
import { repository } from '../repositories.ts'
import { call, change, done } from '../script.ts'
import { useSwitchyard } from '../use-switchyard.ts'
import { pullOf, tallied, tally } from './answers.ts'

const yard = useSwitchyard({
  repositories: [repository('solo', { merge: { by: 'auto' } })],
  script: (signals) => ({
    calls: [
      call('coder', 'Plain', [...change('plain.txt', 'plain\n'), done()]),
      call('coder', 'Red', [...change('red', 'broken on purpose\n'), done()]),
      // It says that it mended something, and changed nothing.
      call('fixer', 'Red', [tally(signals, 'fixes'), done('Mended.')]),
    ],
  }),
})

test('[STP-19] quick codes, waits for green checks, and leaves a ready pull request to people', async () => {
  const { inspect } = yard().github
  const task = yard().task({ title: 'Plain', label: 'switchyard:quick' })
  await task.until('ready')
  const [opened] = task.pulls('acme/solo')
  await yard().waitFor(() => opened?.pull.draft === false, 'the pull request out of draft')
  // `merge.by` is `auto`, and still: the pipeline has no merge.
  expect(opened?.issue.state).toBe('open')
  expect(opened?.pull.merged).toBeNull()
  expect(inspect().issue('acme/solo', task.number).state).toBe('open')
})

test('[STP-19] [GATE-1] a fixer that changes nothing gets no second round: a person is asked, and a push of theirs goes on', async () => {
  const { github, waitFor } = yard()
  const task = yard().task({ title: 'Red', label: 'switchyard:quick' })
  const text = await task.until('needs you')
  expect(text).toContain('1 check is red')
  expect(text).toContain('broken on purpose')
  expect(await tallied(yard(), 'fixes')).toBe(1)
  const { pull } = await pullOf(waitFor, task)
  await github.as('hubot').push('acme/solo', pull.headRef, { red: null }, 'Mend it by hand')
  await task.until('ready')
  expect(await tallied(yard(), 'fixes')).toBe(1)
})
