/**
 * `node test/simulation/mutations.ts [--tasks N] [--only words]`: puts each fault of `faults.ts` into a copy of the source
 * and says who sees it: the unit tests beside it, and the first simulated task that breaks an invariant. Ends with 1 where
 * a fault is seen by nobody.
 */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs, promisify } from 'node:util'
import { FAULTS, type SourceFault } from './faults.ts'
import { SEED } from './half.ts'

/** How many faults are tried at the same time; each has a copy of its own. */
const AT_ONCE = 2
/** Longest time for the tests of one fault, and for its simulation: a fault can make a circle. In ms. */
const LIMIT_MS = 300_000
const ROOT = join(import.meta.dirname, '../..')
const PARTS = ['src', 'test', 'runner', 'docs', 'package.json', 'tsconfig.json', 'vitest.config.ts', 'app.yml', 'CHANGELOG.md']

const run = promisify(execFile)

/** What a command printed, and whether it ended well. */
async function attempt(cwd: string, args: readonly string[]): Promise<{ ok: boolean; output: string }> {
  const options = { cwd, timeout: LIMIT_MS, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, CI: '' } }
  try {
    const { stdout, stderr } = await run(process.execPath, args, options)
    return { ok: true, output: stdout + stderr }
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    return { ok: false, output: stdout + stderr }
  }
}

/** Applies the edits. @throws Error where a text is not there exactly once: the list is out of date */
export function applied({ name, edits }: SourceFault, text: string): string {
  return edits.reduce((now, [from, to]) => {
    if (now.split(from).length !== 2) throw new Error(`${name}: not there exactly once:\n${from}`)
    return now.replace(from, () => to)
  }, text)
}

interface Row {
  name: string
  unit: boolean
  /** `task 5`, or `-`. */
  task: string
}

async function tryOut(copy: string, fault: SourceFault, tasks: number): Promise<Row> {
  const file = join(copy, fault.file)
  const sound = await readFile(file, 'utf8')
  await writeFile(file, applied(fault, sound))
  try {
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
    const unit = await attempt(copy, [vitest, 'run', '--bail=1', '--maxWorkers=1', ...fault.tests])
    const core = fault.file.startsWith('src/pipeline')
    const simulation = core
      ? await attempt(copy, ['test/simulation/main.ts', '--runs', String(tasks), '--seed', String(SEED)])
      : { ok: true, output: '' }
    const seed = /--seed (\d+)/.exec(simulation.output)?.[1]
    const task = simulation.ok ? '-' : seed === undefined ? 'does not run' : `task ${Number(seed) - SEED + 1}`
    return { name: fault.name, unit: !unit.ok, task: core ? task : 'not its part' }
  } finally {
    await writeFile(file, sound)
  }
}

/** Works through the faults in a copy of its own. */
async function work(faults: SourceFault[], tasks: number, rows: Row[]): Promise<void> {
  const copy = await mkdtemp(join(tmpdir(), 'switchyard-mutations-'))
  try {
    for (const part of PARTS) await cp(join(ROOT, part), join(copy, part), { recursive: true })
    await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
    for (let fault = faults.shift(); fault !== undefined; fault = faults.shift()) {
      const row = await tryOut(copy, fault, tasks)
      rows.push(row)
      process.stdout.write(`| ${row.name} | ${row.unit ? 'yes' : '-'} | ${row.task} |\n`)
    }
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { tasks: { type: 'string', default: '2000' }, only: { type: 'string', default: '' } },
  })
  const faults = FAULTS.filter(({ name }) => name.includes(values.only))
  const rows: Row[] = []
  process.stdout.write('| fault | unit tests | simulation |\n|---|---|---|\n')
  // What fails without any fault would be taken for one that is seen.
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const sound = await attempt(ROOT, [vitest, 'run', '--maxWorkers=2', ...new Set(faults.flatMap(({ tests }) => tests))])
  if (!sound.ok) throw new Error(`the tests fail without any fault:\n${sound.output.slice(-3_000)}`)
  const queue = [...faults]
  await Promise.all(Array.from({ length: AT_ONCE }, () => work(queue, Number(values.tasks), rows)))
  const unseen = rows.filter(({ unit, task }) => !unit && !task.startsWith('task'))
  process.stdout.write(`\n${rows.length} faults, seen by nobody: ${unseen.length}\n`)
  for (const { name } of unseen) process.stdout.write(`- ${name}\n`)
  process.exitCode = unseen.length === 0 ? 0 : 1
}
