/**
 * A large repository: 40,000 files and 50,000 commits where `BIG_TESTS=all` (making it takes about 10 s),
 * else a tenth of it.
 */
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bytesOf } from '../../runner/workspace/mirror-cache.ts'
import { BIG, bigPath, makeBigRepository } from '../support/big-repository.ts'
import { openWorkshop, type Step, success, type Workshop } from './workshop.ts'

const PART = process.env.BIG_TESTS === 'all' ? 1 : 10
const SHAPE = { files: BIG.files / PART, commits: BIG.commits / PART }
/** Making it and cloning it, on a busy machine, in ms. */
const PATIENCE_MS = 300_000
/** What the widest job may bring without a person's word: it changes a fifth of the files. */
const OUTPUT = { files: BIG.files, patchBytes: 256 * 1024 * 1024 }
/** What a warm fetch of one commit may add to a mirror, in bytes. */
const ONE_COMMIT_BYTES = 256 * 1024

let shop: Workshop
beforeAll(async () => {
  shop = await openWorkshop()
  await shop.repository('acme/big')
  const bare = path.join(shop.dir, 'repos/acme/big.git')
  await makeBigRepository(`${bare}.made`, SHAPE)
  await execa('sh', ['-c', 'rm -r "$1" && mv "$1.made" "$1"', 'sh', bare])
}, PATIENCE_MS)
afterAll(async () => {
  await shop.close()
})

const job = async (step: string, script: readonly Step[]) =>
  (
    await shop.run(
      shop.spec([shop.leg('acme/big', { workBranch: `switchyard/${step}` })], script, {
        id: `run1-${step}-1`,
        step,
        output: OUTPUT,
      }),
    )
  ).result

test(
  'a cold job, a warm one that fetches only what is new, and one that changes a fifth of the files',
  async () => {
    const edit: Step = {
      do: 'sh',
      script: `test "$(find src -type f | wc -l)" = ${SHAPE.files}; echo '// edited' >> ${bigPath(7)}`,
    }
    const cold = await job('cold', [edit, success()])
    expect(cold, JSON.stringify(cold).slice(0, 2_000)).toMatchObject({
      status: 'finished',
      legs: [{ ahead: 1, push: { status: 'pushed' }, changedFiles: [{ path: bigPath(7), additions: 1, deletions: 0 }] }],
    })
    const mirror = path.join(shop.dataDir, 'mirrors', new URL(shop.server.url).host.replace(':', '_'), 'acme/big@101.git')
    expect(await readdir(path.dirname(mirror))).toContain('big@101.git')
    const before = await bytesOf(mirror)

    const base = await shop.commit('acme/big', 'main', { 'NEWS.md': 'new\n' })
    const warm = await job('warm', [edit, success()])
    expect(warm).toMatchObject({ status: 'finished', legs: [{ base, ahead: 1 }] })
    expect((await bytesOf(mirror)) - before).toBeLessThan(ONE_COMMIT_BYTES)

    const tenth = SHAPE.files / 10
    const script = `rm -r src/area-0; find src/area-1 -type f -exec sed -i '1s/^/\\/\\/ all\\n/' {} +`
    const wide = await job('wide', [{ do: 'sh', script }, success()])
    const [leg] = wide.legs
    expect([wide.status, leg?.ahead, leg?.push.status]).toEqual(['finished', 1, 'pushed'])
    expect(leg?.changedFiles).toHaveLength(Math.min(3_000, 2 * tenth))
    expect(leg?.committedForAgent).toHaveLength(Math.min(1_000, 2 * tenth))
    const counts = await shop.git('acme/big', 'diff', '--no-renames', '--shortstat', 'main', 'switchyard/wide')
    expect(counts).toContain(`${2 * tenth} files changed, ${tenth} insertions`)
  },
  PATIENCE_MS,
)
