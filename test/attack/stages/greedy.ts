/** A job that takes more than its share, with limits far below the real ones, beside another that must not be harmed. */
import { chmod, readdir } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { execa } from 'execa'
import { systemClock } from '../../../runner/clock.ts'
import { openRunnerSandbox } from '../../../runner/sandbox/runner-sandbox.ts'
import { createUseWatch } from '../../../runner/use/use-watch.ts'
import { sandboxSettings } from '../../../src/contract/sandbox.ts'
import { DEFAULT_USE_LIMITS, type UseLimits } from '../../../src/contract/use-limits.ts'
import { openWorkshop } from '../../runner/workshop.ts'
import { type Attack, NotHereError, type Seen } from '../attack.ts'

const MIB = 1024 ** 2
/** What may be left on the disk when the job is over: its home, which is kept for a session. */
const LEFT_MIB = 60

const COUNTED = 'What a job writes is counted in sum, and a job that passes the limit is ended at once. Its folders go.'
const HELD = 'The memory of a job’s processes is added up, and a job that passes the limit is ended at once.'

interface Greed {
  readonly name: string
  readonly how: string
  readonly stopped: string
  readonly limits: Partial<UseLimits>
  /** Shell that would go on for long. */
  readonly script: string
  readonly bare?: boolean
  readonly validates?: boolean
}

const node = (script: string): string => `${process.execPath} -e '${script}'`

const GREED: readonly Greed[] = [
  {
    name: 'the disk, with many files',
    how: 'Files of 4 MiB each, without end, where 48 MiB are allowed in all; another job works beside it.',
    stopped: COUNTED,
    limits: { diskBytes: 48 * MIB },
    script: 'i=0; while :; do head -c 4194304 /dev/zero > filler-$i; sync filler-$i; i=$((i+1)); sleep 0.05; done',
  },
  {
    name: 'the disk, by validation commands',
    how: 'The same by a command of the configuration.',
    stopped: COUNTED,
    limits: { diskBytes: 48 * MIB },
    script: 'i=0; while :; do head -c 4194304 /dev/zero > filler-$i; sync filler-$i; i=$((i+1)); sleep 0.05; done',
    validates: true,
  },
  {
    name: 'the disk, with files that have no name any more',
    how: 'Files are opened, deleted, and written then: no look into folders finds them.',
    stopped: `${COUNTED} Files that its processes hold open are among them.`,
    limits: { diskBytes: 48 * MIB },
    script: node(
      'const fs = require("fs"); const add = () => { const fd = fs.openSync("gone", "w"); fs.unlinkSync("gone"); fs.writeSync(fd, Buffer.alloc(4194304)); fs.fsyncSync(fd); setTimeout(add, 50) }; add()',
    ),
  },
  {
    name: 'every file that the disk can have',
    how: 'Empty files in folders as deep as they go, without end, where 5,000 are allowed.',
    stopped: COUNTED,
    limits: { files: 5_000 },
    script: node(
      'const fs = require("fs"); const add = () => { fs.mkdirSync("d"); process.chdir("d"); for (let i = 0; i < 100; i += 1) fs.writeFileSync(String(i), ""); setTimeout(add, 10) }; add()',
    ),
  },
  {
    name: 'the memory, with many processes',
    how: 'Processes of 64 MiB each, without end, where 400 MiB are allowed for all together.',
    stopped: HELD,
    limits: { memoryBytes: 400 * MIB },
    script: node(
      'const { spawn } = require("child_process"); const add = () => { spawn(process.execPath, ["-e", "globalThis.held = Buffer.alloc(67108864, 1); setInterval(() => {}, 1000)"], { stdio: "ignore", detached: true }); setTimeout(add, 150) }; add()',
    ),
  },
  {
    name: 'the memory, without a sandbox',
    how: 'The same in one process, with `SANDBOX=off`.',
    stopped: HELD,
    limits: { memoryBytes: 400 * MIB },
    bare: true,
    script: node('globalThis.held = []; setInterval(() => held.push(Buffer.alloc(33554432, 1)), 100)'),
  },
]

export const greedy: readonly Attack[] = GREED.map((greed) => ({
  name: greed.name,
  how: greed.how,
  stopped: greed.stopped,
  told: 'people',
  attempt: () => attempt(greed),
}))

async function attempt({ limits, script, bare = false, validates = false }: Greed): Promise<Seen> {
  const shop = await openWorkshop()
  try {
    // As root, jobs have users of their own, who must be able to pass through.
    await chmod(shop.dir, 0o711)
    const { dataDir } = shop
    await shop.repository('acme/api', { 'README.md': '#\n', 'greedy.sh': `${script}\n`, 'modest.sh': MODEST })
    const { log } = await shop.deps()
    const settings = sandboxSettings({ SANDBOX: bare ? 'off' : 'auto' })
    const sandbox = await openRunnerSandbox(settings, { dataDir, env: process.env, registries: [], log })
    if (!bare && sandbox.host === null) throw new NotHereError(`no sandbox here: ${sandbox.why}`)
    const use = createUseWatch({ dataDir, limits: { ...DEFAULT_USE_LIMITS, freeBytes: 0, ...limits }, clock: systemClock, log })
    const head = await shop.commit('acme/api', 'switchyard/run1', { 'new.txt': 'new\n' })
    const own = validates
      ? { mode: 'validate', validation: [{ name: 'greedy', run: 'sh greedy.sh' }] }
      : { runtime: { name: 'command', command: ['sh', 'greedy.sh'] } }
    const leg = shop.leg('acme/api', validates ? { access: 'read', head } : {})
    const greedy = shop.spec([leg], [], { ...own, limits: { durationMs: 60_000, killGraceMs: 300 } })
    const modest = shop.spec([shop.leg('acme/api', { workBranch: 'switchyard/run2' })], [], {
      runtime: { name: 'command', command: ['sh', 'modest.sh'] },
      run: 'run2',
    })
    await Promise.all([greedy, modest].map((spec) => shop.run(spec, { sandbox, use })))
    const told = /What the job ran [^"\\]*/.exec(JSON.stringify(shop.app.results))?.[0] ?? null
    const left = await leftOn(path.join(dataDir, 'workspaces', 'run1-code'))
    const unharmed = (await shop.git('acme/api', 'branch', '--list', 'switchyard/run2')) !== ''
    return {
      got: [
        ...(left > LEFT_MIB ? [`${left} MiB are left on the disk`] : []),
        ...(unharmed ? [] : ['the job beside it was harmed']),
      ],
      stopped: told ?? '',
      told,
    }
  } finally {
    await shop.close()
  }
}

/** A job like any other, as long as a greedy one takes. */
const MODEST = `sleep 3; echo made > made.txt; git add -A; git commit -qm Made
printf '{"nonce":"%s","status":"success","summary":"Done."}' "$SWITCHYARD_NONCE" > "$SWITCHYARD_REPORT_FILE"
`

/** What is left below a folder, in MiB. */
async function leftOn(folder: string): Promise<number> {
  if ((await readdir(folder).catch(() => [])).length === 0) return 0
  const { stdout } = await execa('du', ['--summarize', '--block-size=1M', folder])
  return Number.parseInt(stdout, 10)
}
