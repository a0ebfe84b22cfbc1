import { access, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readRegistries, registriesFor } from '../../runner/package-registries.ts'
import { JobSpec } from '../../src/contract/job.ts'
import { openWorkshop, type Step, success, type Workshop } from './workshop.ts'

const TOKEN = 'npm-token-of-acme-0123456789'

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop()
  await shop.repository('acme/api')
  await shop.repository('acme/web')
})
afterEach(async () => {
  await shop.close()
})

const good = { scope: '@acme', registry: 'https://npm.acme.test/npm', tokenEnv: 'ACME_TOKEN', repositories: ['Acme/API'] }
async function registries(content: unknown) {
  const file = path.join(shop.dir, 'registries.json')
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  return readRegistries({ PACKAGE_REGISTRIES_FILE: file })
}
const look = (): Step => ({
  do: 'sh',
  script: `(cat $HOME/.npmrc; stat -c %a $HOME/.npmrc) > ${shop.dir}/seen 2>&1 || true; cat $HOME/.npmrc || true; env > ${shop.dir}/env`,
})
const write: Step = { do: 'write', file: 'one.txt', text: 'one\n' }
const seen = () => readFile(path.join(shop.dir, 'seen'), 'utf8')
const home = () => path.join(shop.dataDir, 'workspaces/run1-code/home/.npmrc')

test('a job of listed repositories finds the credentials in its home, nowhere else, and only as long as it runs', async () => {
  const deps = { registries: await registries([good]), env: { ...process.env, ACME_TOKEN: TOKEN } }
  const { result } = await shop.run(shop.spec([shop.leg('acme/api')], [look(), write, success({ summary: TOKEN })]), deps)
  expect(await seen()).toBe(`@acme:registry=https://npm.acme.test/npm/\n//npm.acme.test/npm/:_authToken=${TOKEN}\n600\n`)
  await expect(access(home())).rejects.toThrow()
  expect(await readFile(path.join(shop.dir, 'env'), 'utf8')).not.toContain(TOKEN)
  // What the agent printed and reported of it is redacted.
  const logged = JSON.stringify([shop.app.progress, result])
  expect(logged).toContain('_authToken=')
  expect(logged).not.toContain(TOKEN)
})

test('a job with any other repository gets none, and one that is left by somebody is not read', async () => {
  const deps = { registries: await registries([good]), env: { ...process.env, ACME_TOKEN: TOKEN } }
  const both = [shop.leg('acme/api'), shop.leg('acme/web')]
  expect(registriesFor(deps.registries, JobSpec.shape.legs.parse([shop.leg('acme/web')]))).toEqual([])
  await shop.run(shop.spec(both, [look(), success()]), deps)
  expect(await seen()).not.toContain('acme.test')
})

test('a token that is not there fails the job, and says which and where', async () => {
  const { result } = await shop.run(shop.spec([shop.leg('acme/api')], [success()]), { registries: await registries([good]) })
  expect(result).toMatchObject({
    status: 'failed',
    failure: { cause: 'config', message: expect.stringContaining('the variable ACME_TOKEN') },
  })
})

test.each([
  ['no JSON', '{', ''],
  ['a scope without @', [{ ...good, scope: 'acme' }], '0.scope'],
  ['no address', [{ ...good, registry: 'npm.acme.test' }], '0.registry'],
  ['two places of the token', [{ ...good, tokenFile: '/run/token' }], '0.tokenEnv'],
  ['a token itself', [{ ...good, token: TOKEN }], '0'],
  ['no repository', [{ ...good, repositories: [] }], '0.repositories'],
])('a file with %s is refused when the runner starts', async (_what, content, place) => {
  const refused = await registries(content).catch((error: unknown) => error)
  expect(refused).toMatchObject({
    failure: { cause: 'config', message: expect.stringMatching(`^PACKAGE_REGISTRIES_FILE: .* at "${place}": `) },
  })
  expect(String(refused)).not.toContain(TOKEN)
})

test('without the variable there are none; a file that is not there is refused', async () => {
  expect(await readRegistries({})).toEqual([])
  await expect(readRegistries({ PACKAGE_REGISTRIES_FILE: path.join(shop.dir, 'none.json') })).rejects.toThrow('cannot be read')
})
