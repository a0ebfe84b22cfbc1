import { expect, test } from 'vitest'
import { repository } from '../repositories.ts'
import { call, change, done } from '../script.ts'
import { useSwitchyard } from '../use-switchyard.ts'

const FOLDER = '.github/switchyard/workflows'

/** Looks first, then writes what was found on a branch of its own, and collects it. */
const NOTES = `export const meta = {
  name: 'notes',
  description: 'Finds out what is missing, and writes it down.',
  phases: [{ title: 'Look' }, { title: 'Write' }],
  arguments: { type: 'object', properties: { topic: { type: 'string' } }, required: ['topic'] },
}

export default async function ({ agent, phase, log, args, collect }) {
  phase('Look')
  const found = await agent('Find what is missing about ' + args.topic, {
    label: 'look',
    schema: { type: 'object', properties: { missing: { type: 'string' } }, required: ['missing'] },
  })
  log('missing: ' + found.missing)
  phase('Write')
  await agent('Write about ' + found.missing, { label: 'write', isolation: 'worktree' })
  await collect()
  return { title: 'Notes', markdown: 'Wrote about **' + found.missing + '**.' }
}
`

const yard = useSwitchyard({
  repositories: [repository('solo', {}, { files: { [`${FOLDER}/notes.js`]: NOTES } })],
  script: {
    calls: [
      call('researcher', ['Thread', 'Find what is missing about cats'], [done('Looked.', { result: { missing: 'whiskers' } })]),
      call('coder', ['Thread', 'Write about whiskers'], [...change('whiskers.txt', 'long\n'), done('Wrote it.')]),
    ],
  },
})

test('[STP-16] [WF-1] a workflow is started by a command with arguments, its calls are jobs, and what it collected is a pull request', async () => {
  const { github, waitFor } = yard()
  const task = yard().task({ title: 'Thread' })
  task.comment('hubot', '/yard run workflow:notes topic=cats')
  const text = await task.until('ready')
  expect(text).toContain('Wrote about')
  const [pull] = task.pulls('acme/solo')
  await waitFor(() => pull?.pull.draft === false, 'the pull request out of draft')
  expect(github.inspect().repository('acme/solo')).toBeDefined()
})
