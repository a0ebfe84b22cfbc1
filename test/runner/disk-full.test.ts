/** A disk that is full, really: the data folder is on a small file system of its own. Making one takes root. */
import { randomBytes } from 'node:crypto'
import { readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWorkshop, type Step, success, type Workshop } from './workshop.ts'

/** Of the file system that the data folder is on, and of files in repositories, in MiB. */
const DISK = 6
const TOO_LARGE = 7
const LARGE = 5
const HALF = 1.5
const MIB = 1024 * 1024

/** Elsewhere than as root with the right to mount these are skipped, and the report says so. */
const mayMount = await execa('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).then(
  () => true,
  () => false,
)

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop()
  if (mayMount) await execa('mount', ['-t', 'tmpfs', '-o', `size=${DISK}m`, 'tmpfs', shop.dataDir])
})
afterEach(async () => {
  if (mayMount) await execa('umount', ['--lazy', shop.dataDir])
  await shop.close()
})

const noise = (mib: number): string => randomBytes(mib * MIB).toString('base64')
const edit: readonly Step[] = [{ do: 'write', file: 'new.js', text: 'new\n' }, success()]
const job = async (name: string, script = edit, step = 'code') =>
  (await shop.run(shop.spec([shop.leg(name, { workBranch: `switchyard/${step}` })], script, { id: `run1-${step}-1`, step })))
    .result
const mirrors = async (): Promise<string[]> => {
  const host = path.join(shop.dataDir, 'mirrors', new URL(shop.server.url).host.replace(':', '_'), 'acme')
  return (await readdir(host).catch(() => [])).filter((name) => !name.endsWith('.leases'))
}
const diskFull = {
  status: 'failed',
  failure: {
    cause: 'git',
    message: expect.stringMatching(/disk is full.*Free space there, or lower RUNNER_MIRRORS_MAX_BYTES/),
  },
}

test.skipIf(!mayMount)(
  'a clone that does not fit: said, nothing half-written stays, and it works once there is room',
  async () => {
    await shop.repository('acme/large', { 'large.txt': noise(TOO_LARGE), 'README.md': '#\n' })
    await shop.repository('acme/small')
    const result = await job('acme/large')
    expect(result, JSON.stringify(result)).toMatchObject(diskFull)
    expect(await mirrors()).toEqual([])
    expect((await job('acme/small')).status).toBe('finished')
    await execa('mount', ['-o', `remount,size=${4 * DISK}m`, shop.dataDir])
    expect(await job('acme/large')).toMatchObject({ status: 'finished', legs: [{ ahead: 1, push: { status: 'pushed' } }] })
  },
)

test.skipIf(!mayMount)('a fetch into a mirror that fills the disk leaves the mirror as it was', async () => {
  await shop.repository('acme/api')
  expect((await job('acme/api')).status).toBe('finished')
  await shop.commit('acme/api', 'main', { 'large.txt': noise(LARGE) })
  await writeFile(path.join(shop.dataDir, 'other'), Buffer.alloc(2 * MIB))
  expect(await job('acme/api')).toMatchObject(diskFull)
  const [mirror = ''] = await mirrors()
  const { stdout } = await execa('find', [shop.dataDir, '-name', 'tmp_*', '-o', '-name', '*.new', '-o', '-name', '.probe*'])
  expect([mirror, stdout]).toEqual(['api@101.git', ''])
  await rm(path.join(shop.dataDir, 'other'))
  await execa('mount', ['-o', `remount,size=${4 * DISK}m`, shop.dataDir])
  expect((await job('acme/api')).status).toBe('finished')
})

test.skipIf(!mayMount)('mirrors that no job uses make room, for a clone and for a checkout', async () => {
  for (const name of ['acme/one', 'acme/two', 'acme/three']) await shop.repository(name, { 'half.txt': noise(HALF) })
  for (const [index, name] of ['acme/one', 'acme/two', 'acme/three', 'acme/one'].entries()) {
    const result = await job(name, edit, `step${index}`)
    expect(result, JSON.stringify(result)).toMatchObject({ status: 'finished', legs: [{ ahead: 1 }] })
  }
})

test.skipIf(!mayMount)('an agent that fills the disk: its job ends with a sentence, and the next one works', async () => {
  await shop.repository('acme/api')
  const fill: Step = { do: 'sh', script: 'echo 2 > src/index.js; dd if=/dev/zero of=tmp bs=64k 2>/dev/null; true' }
  const result = await job('acme/api', [fill, success()])
  expect(result, JSON.stringify(result)).toMatchObject({
    status: 'failed',
    failure: { message: expect.stringContaining('full') },
  })
  expect((await job('acme/api')).status).toBe('finished')
})
