/** Work that is not pushed without a person's word: it is too large, or touches what is guarded. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { pipeline, repository } from './repositories.ts'
import { call, change, done } from './script.ts'
import { useSwitchyard } from './use-switchyard.ts'

/** Of the shape of a token, and nobody's. */
const TOKEN = `npm_${createHash('sha512').update('y').digest('base64').replace(/\W/g, '').slice(0, 36)}`

const yard = useSwitchyard({
  repositories: [
    repository('solo', { pipelines: { quickly: pipeline('code') }, limits: { output: { patchKiB: 2, files: 5, fileKiB: 1 } } }),
  ],
  script: {
    calls: [
      call('coder', 'Owners', [...change('CODEOWNERS', '* @mona\n'), done('The owners are there.')]),
      call('coder', ['Secret', 'The decision:'], [...change('clean.txt', 'clean\n'), done()]),
      call('coder', 'Secret', [...change('config.txt', `url\ntoken=${TOKEN}\n`), done()]),
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

test('a change of the code owners is held before the push; a person approves exactly it by its hash, by nothing else', async () => {
  const { github } = yard()
  const task = yard().task({ title: 'Owners', label: 'switchyard:quickly' })
  const asked = await task.until('needs you')
  expect(asked).toContain('CODEOWNERS (added)')
  const hash = /approve ([0-9a-f]{7})/.exec(asked)?.[1] ?? ''
  expect(hash).not.toBe('')

  const before = Object.keys(await github.inspect().branches('acme/solo'))
  task.comment('hubot', '/yard answer 1')
  expect(await task.reply(1)).toContain(`approve ${hash}`)
  task.comment('hubot', '/yard approve 0000000')
  expect(await task.reply(2)).toContain(hash)
  expect(Object.keys(await github.inspect().branches('acme/solo'))).toEqual(before)
  expect(task.pulls('acme/solo')).toEqual([])

  github.as('hubot').tick(task.repository, task.statusComment()?.id ?? 0, 'Push it as it is')
  await task.until('ready')
  expect(task.statusComment()?.body).toContain('The owners are there.')
})

test('a credential in a commit is held, told by file and line and never by its value, and done again without it', async () => {
  const task = yard().task({ title: 'Secret', label: 'switchyard:quickly' })
  expect(await task.until('needs you')).toContain('npm token in config.txt, line 2')
  task.comment('hubot', '/yard answer 2')
  await task.until('ready')
  expect(JSON.stringify([task.statusComment(), task.replies(), yard().log.last(1_000)])).not.toContain(TOKEN)
})
