/** The configuration as people meet it: the check of a push that broke it, and `/yard explain`. */
import { expect, test } from 'vitest'
import { repository } from './repositories.ts'
import { useSwitchyard } from './use-switchyard.ts'

const FILE = '.github/switchyard.yml'
const CHECK = 'switchyard / configuration'
const yard = useSwitchyard({ repositories: [repository('solo', {})] })

test('[CFG-2] a push that breaks the configuration gets a failed check run with its lines, and one that mends it a good one', async () => {
  const { github, person, waitFor } = yard()
  const check = (sha: string) =>
    waitFor(
      () =>
        github
          .inspect()
          .checks('acme/solo', sha)
          .find(({ name }) => name === CHECK),
      `the check of ${sha}`,
    )
  const broken = await person('mona').push('acme/solo', 'main', { [FILE]: 'version: 1\nmerg: {}\n' }, 'Break it')
  expect(await check(broken)).toMatchObject({ conclusion: 'failure' })
  expect((await check(broken)).output.annotations).toEqual([expect.objectContaining({ path: FILE })])
  const task = yard().task({ title: 'Broken', label: 'switchyard' })
  expect(await task.reply()).toContain('line 2, column 1')
  expect(task.statusComment()).toBeNull()
  const mended = await person('mona').push('acme/solo', 'main', { [FILE]: 'version: 1\n' }, 'Mend it')
  expect(await check(mended)).toMatchObject({ conclusion: 'success' })
})

test('[CMD-11] the label switchyard:explain and the command are answered, start nothing, and the label comes off', async () => {
  const task = yard().task({ title: 'Explain', label: 'switchyard:explain' })
  expect(await task.reply()).toContain('Nothing was started.')
  await yard().waitFor(() => task.labels().length === 0, 'the label taken off')
  task.comment('rita', '/yard explain quick')
  const reply = await task.reply(2)
  expect(reply).toContain('pipeline `quick`')
  expect(reply).toContain('It would be refused now')
  expect(task.statusComment()).toBeNull()
})
