/** What is small where the agent makes it, and would be huge or endless for whoever reads it on the host. */
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { openWorkshop, type Step, success } from '../../runner/workshop.ts'
import type { Attack, Seen } from '../attack.ts'

interface Bomb {
  readonly name: string
  readonly how: string
  readonly stopped: string
  readonly told: 'people' | 'nobody'
  readonly script: string
  /** What of the job's result shows that it was stopped. */
  readonly shows: RegExp
}

/** A pack of two objects: 16 MiB of zeros, and a delta that says it makes 8 GiB of them. It has some 30 KiB. */
const DELTA = `
const z = require("zlib"), fs = require("fs"), c = require("crypto")
const varint = (n) => { const out = []; for (n = BigInt(n); n > 127n; n >>= 7n) out.push(Number(n & 127n) | 128); return Buffer.from([...out, Number(n)]) }
const header = (type, size) => { let n = BigInt(size); const out = [(type << 4) | Number(n & 15n)]; for (n >>= 4n; n > 0n; n >>= 7n) { out[out.length - 1] |= 128; out.push(Number(n & 127n)) } return Buffer.from(out) }
const SIZE = 0xffffff, TIMES = 500
const base = Buffer.alloc(SIZE)
const delta = Buffer.concat([varint(SIZE), varint(BigInt(SIZE) * BigInt(TIMES)), ...Array(TIMES).fill(Buffer.from([0xf0, 0xff, 0xff, 0xff]))])
const id = c.createHash("sha1").update("blob " + SIZE + "\\0").update(base).digest()
const head = Buffer.alloc(12); head.write("PACK"); head.writeUInt32BE(2, 4); head.writeUInt32BE(2, 8)
const body = Buffer.concat([head, header(3, SIZE), z.deflateSync(base), header(7, delta.length), id, z.deflateSync(delta)])
const sum = c.createHash("sha1").update(body).digest()
fs.writeFileSync(".git/objects/pack/pack-" + sum.toString("hex") + ".pack", Buffer.concat([body, sum]))`

const DEEP = `for (let i = 0; i < 1500; i += 1) { const n = "d".repeat(20); require("fs").mkdirSync(n); process.chdir(n) } require("fs").writeFileSync("f", "")`
const COMMIT = 'echo y > y.txt; git add y.txt; git commit -qm y'

const BOMBS: readonly Bomb[] = [
  {
    name: 'a pack that unpacks to gigabytes',
    how: 'A pack of some kilobytes with a delta that makes an object of 8 GiB, left among the objects of the clone.',
    stopped: 'The host’s git may not ask for more than 1 GiB of memory at once; the job fails.',
    told: 'people',
    script: `mkdir -p .git/objects/pack; node -e '${DELTA}'; ${COMMIT}`,
    shows: /over limit/,
  },
  {
    name: 'folders so deep that no path leads there',
    how: 'A chain of 1,500 folders, 31,500 characters long, which the runner has to take away.',
    stopped: 'What cannot be removed by its path is removed step by step; the work beside it is pushed.',
    told: 'nobody',
    script: `node -e '${DEEP}'; ${COMMIT}`,
    shows: /"push":\{"status":"pushed"/,
  },
]

export const bombs: readonly Attack[] = BOMBS.map(({ script, shows, ...bomb }) => ({
  ...bomb,
  attempt: () => explode(script, shows),
}))

async function explode(script: string, shows: RegExp): Promise<Seen> {
  const shop = await openWorkshop()
  try {
    await shop.repository('acme/api')
    const steps: Step[] = [{ do: 'sh', script }, success()]
    const { result } = await shop.run(shop.spec([shop.leg('acme/api')], steps))
    const left = await readdir(path.join(shop.dataDir, 'workspaces', 'run1-code', 'work')).catch(() => [])
    const said = JSON.stringify(result)
    const shown = shows.test(said) ? said.slice(0, 300) : ''
    return {
      got: left.length > 0 ? ['its folder stays'] : [],
      stopped: shown,
      told: result.status === 'failed' ? result.failure.message : null,
    }
  } finally {
    await shop.close()
  }
}
