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

it('asks the package managers that are there, also for their own hosts, and does without the others', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'switchyard-registries-'))
  const program = async (name: string, script: string) => {
    await writeFile(path.join(folder, name), `#!/bin/sh\n${script}\n`)
    await chmod(path.join(folder, name), 0o755)
  }
  await program('npm', '[ "$*" = "config get registry" ] && echo https://npm.example.com/')
  await program('pip', '[ "$1" = download ] && echo "index (default https://index.example.com/simple)." || exit 1')
  await program('go', 'echo https://go.example.com,https://npm.example.com,direct')
  const [python, go] = ['files.pythonhosted.org', 'sum.golang.org']
  const others = ['go.example.com', go]
  expect(await ownRegistries({ PATH: folder })).toEqual(['npm.example.com', 'index.example.com', python, ...others])
  await program('pip', '[ "$1" = config ] && echo https://pip.example.com/simple')
  expect(await ownRegistries({ PATH: folder })).toEqual(['npm.example.com', 'pip.example.com', python, ...others])
  await rm(folder, { recursive: true })
})
