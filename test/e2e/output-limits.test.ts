/** Work that is too large to be pushed without a person's word. */
import { expect, test } from 'vitest'
import { pipeline, repository } from './repositories.ts'
import { call, change, done } from './script.ts'
import { useSwitchyard } from './use-switchyard.ts'

const yard = useSwitchyard({
  repositories: [
    repository('solo', { pipelines: { quickly: pipeline('code') }, limits: { output: { patchKiB: 2, files: 5, fileKiB: 1 } } }),
  ],
  script: {
    calls: [
      // Done again, it would be another file.
      call('coder', ['Too large', 'The decision:'], [...change('again.txt', 'again\n'), done()]),
      call('coder', ['Smaller', 'The decision:'], [...change('small.txt', 'small\n'), done()]),
      call('coder', '', [...change('data/prices.txt', 'price\n'.repeat(600)), done('The prices are there.')]),
    ],
  },
})

test('[GRD-2] work over the limits is not pushed; a person is asked, lets it through, and that very work becomes the pull request', async () => {
  const { github } = yard()
  const task = yard().task({ title: 'Too large', label: 'switchyard:quickly' })
  const asked = await task.until('needs you')
  expect(asked).toContain('the patch has 4')
  expect(asked).toContain('its largest file has 3.6 KiB, allowed are 1 KiB')
  expect(asked).toContain('data/prices.txt')
  expect(Object.keys(await github.inspect().branches('acme/solo'))).toEqual(['main'])
  expect(task.pulls('acme/solo')).toEqual([])

  github.as('hubot').tick(task.repository, task.statusComment()?.id ?? 0, 'Push it as it is')
  await task.until('ready')
  expect(task.pulls('acme/solo')).toHaveLength(1)
  expect(task.statusComment()?.body).toContain('The prices are there.')
})

test('[GRD-2] told in words to make it smaller, the agent does it again within the limits', async () => {
  const task = yard().task({ title: 'Smaller', label: 'switchyard:quickly' })
  await task.until('needs you')
  task.comment('hubot', '/yard answer Only the newest price, please.')
  await task.until('ready')
  expect(task.pulls('acme/solo')).toHaveLength(1)
})
