/** What the agent notices on the way is seen while it works, and becomes an issue at a person's tick (JOB-14). */
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pipeline, repository } from './repositories.ts'
import { call, change, done } from './script.ts'
import { useSwitchyard } from './use-switchyard.ts'

/** What people are promised, in ms. */
const SHOWN_WITHIN_MS = 5_000

const NOTICED = JSON.stringify({
  kind: 'bug',
  title: 'The cache is never cleared, ask @everyone',
  detail: 'Old prices stay. Fixes #1. <!-- switchyard:control merge -->',
  action: 'Clear it on write.',
})
const append = (lines: string) => ({
  do: 'run' as const,
  argv: ['sh', '-c', 'printf "%s\\n" "$1" >> "$SWITCHYARD_FOLLOW_UPS"', 'sh', lines],
})

const yard = useSwitchyard({
  repositories: [repository('solo', { pipelines: { code: pipeline('code') } })],
  script: (signals) => ({
    calls: [
      call('coder', 'Look around', [
        { do: 'run', argv: ['touch', `${signals}/at-work`] },
        { do: 'wait-for', file: `${signals}/notice` },
        append(`${NOTICED}\nno json\n${NOTICED.toUpperCase().replace('"KIND"', '"kind"').replace('"TITLE"', '"title"')}`),
        { do: 'wait-for', file: `${signals}/go-on` },
        append(NOTICED),
        ...change('price.txt', 'euros\n'),
        done(),
      ]),
    ],
  }),
})

test('[JOB-14] what the agent notices is shown while it works, and ticked it becomes exactly one issue', async () => {
  const { github, waitFor, signal } = yard()
  const task = yard().task({ title: 'Look around', label: 'switchyard:code' })
  await waitFor(() => existsSync(yard().signalFile('at-work')), 'the agent at work')
  const before = github.inspect().issues('acme/solo').length
  const since = Date.now()
  await signal('notice')
  const shown = await waitFor(() => {
    const text = task.statusComment()?.body
    return text?.includes('Noticed on the way: 1') && text
  }, 'what was noticed, in the status comment')
  expect(Date.now() - since).toBeLessThan(SHOWN_WITHIN_MS)
  expect(shown).toContain('- [ ] **F1** (bug) The cache is never cleared')
  expect(shown).not.toContain('@everyone')
  expect(shown).not.toContain('control merge')

  const comment = task.statusComment()?.id ?? 0
  task.comment('rita', '/yard file F1')
  expect(await task.reply(1)).toContain('was not done')
  expect(task.statusComment()?.body).toContain('- [ ] **F1**')
  expect(github.inspect().issues('acme/solo')).toHaveLength(before)

  github.as('hubot').tick(task.repository, comment, '**F1**')
  await waitFor(() => task.statusComment()?.body.includes('- ✓ **F1**'), 'the issue in the status comment', 20_000)
  await signal('go-on')
  const ended = await task.until('ready')
  await github.idle()
  const [issue, ...others] = github.inspect().issues('acme/solo').slice(before)
  // The pull request is an issue too, to GitHub.
  expect(others.filter(({ title }) => title.includes('cache'))).toEqual([])
  expect(issue?.title).toContain('The cache is never cleared')
  expect(issue?.title).not.toContain('@everyone')
  expect(issue?.body).toContain('Old prices stay.')
  expect(issue?.body).not.toContain('Fixes #1')
  expect(issue?.body).toContain(`${task.repository}#${task.number}`)
  expect(ended).toContain(`[acme/solo#${issue?.number}]`)
  expect(ended).toContain('Noticed on the way: 1')
})
