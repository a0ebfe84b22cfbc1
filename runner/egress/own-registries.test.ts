import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { hostsIn, ownRegistries } from './own-registries.ts'

it.each([
  ['https://npm.example.com/', ['npm.example.com']],
  ['https://npm.example.com:8443/team/', ['npm.example.com:8443']],
  ['https://user:word@proxy.example.org,https://b.example.org|direct', ['proxy.example.org', 'b.example.org']],
  ['http://plain.example.com/ and undefined', []],
  ['https://10.0.0.1/', ['10.0.0.1']],
])('of %s the hosts are %j', (text, hosts) => {
  expect(hostsIn(text)).toEqual(hosts)
})

it('asks the package managers that are there, and does without the others', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'switchyard-registries-'))
  const program = async (name: string, script: string) => {
    await writeFile(path.join(folder, name), `#!/bin/sh\n${script}\n`)
    await chmod(path.join(folder, name), 0o755)
  }
  await program('npm', '[ "$*" = "config get registry" ] && echo https://npm.example.com/')
  await program('pip', 'echo "ERROR: No such key" >&2; exit 1')
  await program('go', 'echo https://go.example.com,https://npm.example.com,direct')
  expect(await ownRegistries({ PATH: folder })).toEqual(['npm.example.com', 'go.example.com'])
  await rm(folder, { recursive: true })
})
