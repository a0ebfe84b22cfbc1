/** A message reaches the agent at work (CMD-12). */
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { git } from '../github/state/git.ts'
import { pipeline, repository } from './repositories.ts'
import { call, change, done } from './script.ts'
import { useSwitchyard } from './use-switchyard.ts'

const MESSAGE = 'Write it in euros, please.'

const yard = useSwitchyard({
  repositories: [repository('solo', { merge: { by: 'auto' }, pipelines: { code: pipeline('code', 'merge') } })],
  script: (signals) => ({
    calls: [
      // The same session, with the message, on top of what was there.
      call('coder', ['Tell it', MESSAGE], [...change('price.txt', 'euros\n'), done()], {
        fileExists: 'first.txt',
        resumed: true,
      }),
      call('coder', 'Tell it', [
        ...change('first.txt', 'first\n'),
        { do: 'write', path: 'price.txt', content: 'dollars\n' },
        { do: 'run', argv: ['touch', `${signals}/at-work`] },
        { do: 'hang' },
      ]),
    ],
  }),
})

const inSolo = async (...args: string[]) => (await git(yard().github.inspect().repository('acme/solo').dir, args)).trim()

test('[CMD-12] the agent at work is told, goes on in its session from where it was, and the run ends merged', async () => {
  const { github, waitFor } = yard()
  const task = yard().task({ title: 'Tell it', label: 'switchyard:code' })
  await waitFor(() => existsSync(yard().signalFile('at-work')), 'the agent at work')
  const message = task.comment('hubot', `/yard tell ${MESSAGE}`)
  await task.reaction(message, 'rocket')
  await task.until('merged')
  await github.idle()
  expect(await inSolo('show', 'main:first.txt')).toBe('first')
  expect(await inSolo('show', 'main:price.txt')).toBe('euros')
  const late = task.comment('hubot', '/yard tell Too late.')
  await task.reaction(late, 'confused')
  expect(await task.reply()).toContain('No agent is at work')
})
