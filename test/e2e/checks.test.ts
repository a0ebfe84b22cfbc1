/** The gate over CI: what is red goes to a fixer, what is not there is not green. */
import { expect, test } from 'vitest'
import { pipeline, repository } from './repositories.ts'
import { call, change, done } from './script.ts'
import { useSwitchyard } from './use-switchyard.ts'
import { isRead } from './what-is-read.ts'

const GRACE_SECONDS = 5
/** How soon a gate asks again by itself here, in ms. */
const SWEEP_MS = 400
const GATED = { pipelines: { gate: pipeline('code', 'ci') } }

const yard = useSwitchyard({
  repositories: [
    repository('solo', GATED),
    repository('quiet', { ...GATED, noChecksGraceSeconds: GRACE_SECONDS }, { ci: [] }),
    repository('strict', { ...GATED, noChecksGraceSeconds: 0 }, { ci: [] }),
  ],
  env: { SWEEP_CHECKS_MS: String(SWEEP_MS) },
  script: {
    calls: [
      call('coder', 'Turns red', [...change('red', 'The frobnicator is upside down.\n'), done()]),
      // It is told what the failing job's log says, not only that something failed (GATE-5).
      call(
        'fixer',
        'Turns red, then green',
        [{ do: 'delete', path: 'red' }, ...change('note.txt', 'fixed\n'), done('Put it upright.')],
        {
          promptIncludes: ['Turns red, then green', 'The frobnicator is upside down.'],
        },
      ),
      call('fixer', 'Turns red and stays', [{ do: 'run', argv: ['true'] }, done('It looks fine to me.')]),
      call('coder', '', [...change('note.txt', 'green\n'), done()]),
    ],
  },
})

test('[GATE-1] red checks go to a fixer with the job’s log, and the gate asks again', async () => {
  const task = yard().task({ title: 'Turns red, then green', label: 'switchyard:gate' })
  const text = await task.until('ready')
  expect(text).toContain('1 green, 1 fix')
  const [pull] = task.pulls('acme/solo')
  const head = pull?.pull.headSha ?? ''
  expect(
    yard()
      .github.inspect()
      .checks('acme/solo', head)
      .find(({ name }) => name === 'test')?.conclusion,
  ).toBe('success')
  isRead('Checks', 'Red, then fixed', 'CI was red; the fixer mended it, and CI turned green.', text)
})

test('[GATE-1] a fixer that changes nothing leaves the same evidence: a person is asked, and a push goes on', async () => {
  const { github } = yard()
  const task = yard().task({ title: 'Turns red and stays', label: 'switchyard:gate' })
  const text = await task.until('needs you')
  await task.stateLabel('switchyard/needs-you')
  expect(text).toContain('the same checks fail on the same commits as before the fix')
  const [pull] = task.pulls('acme/solo')
  const red = pull?.pull.headSha
  isRead('Checks', 'The fixer changes nothing', 'CI is red, the fixer ended without a commit.', text)

  const pushed = await github.as('mona').push('acme/solo', pull?.pull.headRef ?? '', { red: null }, 'Turn it')
  await task.until('ready')
  expect(pushed).not.toBe(red)
  expect(task.pulls('acme/solo')[0]?.pull.headSha).toBe(pushed)
})

test('[GATE-3] no checks at all count as green only after the grace', async () => {
  const task = yard().task({ repository: 'acme/quiet', title: 'Without CI', label: 'switchyard:gate' })
  await yard().waitFor(() => task.pulls('acme/quiet').length > 0, 'the pull request')
  const opened = Date.now()
  const waiting = await task.until('waiting for checks')
  isRead('Checks', 'No checks at all', 'The repository has no CI; the grace is not over.', waiting)
  await task.until('ready')
  expect(Date.now() - opened).toBeGreaterThanOrEqual(GRACE_SECONDS * 1_000 - 100)
})

test('[GATE-3] a required check that has not appeared is waited for, whatever the grace', async () => {
  const { github, waitFor } = yard()
  const seen = github.inspect()
  seen.protect('acme/strict', 'main', { requiredChecks: ['e2e'] })
  const task = yard().task({ repository: 'acme/strict', title: 'Required', label: 'switchyard:gate' })
  await task.until('waiting for checks')
  const head = task.pulls('acme/strict')[0]?.pull.headSha ?? ''
  const asked = () => seen.requests().filter(({ path }) => path.includes(`/commits/${head}/check-runs`)).length
  const before = asked()
  await waitFor(() => asked() >= before + 3, 'three more questions by the sweep')
  expect(await task.until('waiting for checks')).toContain('a required or expected check has not appeared yet')
  seen.protect('acme/strict', 'main', null)
  await task.until('ready')
})
