/**
 * Writes docs/what-people-read.md anew from a run of the end-to-end tests: `node test/e2e/what-people-read.ts`, or of some
 * of their files (`… test/e2e/checks.test.ts`), whose sections are then replaced.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { execa } from 'execa'
import { PAGE, PARTS_VARIABLE, type Part, renderPart, SECTIONS } from './what-is-read.ts'

const INTRODUCTION = `# What people read

What Switchyard says on an issue, and when. The end-to-end tests write this page (\`node test/e2e/what-people-read.ts\`) and
hold every text on it against what was really said. Run ids, commits, times and addresses are replaced; of a status
comment, the last folded part (agents, limits, who merges) and the small print are left out.
`

const [only = 'test/e2e', ...more] = process.argv.slice(2)
const folder = await mkdtemp(path.join(tmpdir(), 'what-people-read-'))
try {
  const env = { [PARTS_VARIABLE]: folder }
  const { failed } = await execa('npx', ['vitest', 'run', only, ...more], { env, stdio: 'inherit', reject: false })
  if (failed) {
    console.error('The tests failed; the page stays as it is.')
    process.exitCode = 1
  } else await writePage(await readParts())
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function readParts(): Promise<Part[]> {
  const files = (await readdir(folder)).toSorted()
  return Promise.all(files.map(async (file) => JSON.parse(await readFile(path.join(folder, file), 'utf8')) as Part))
}

async function writePage(parts: readonly Part[]): Promise<void> {
  const before = existsSync(PAGE) ? await readFile(PAGE, 'utf8') : ''
  const sections = SECTIONS.map((section) => {
    const own = parts.filter((part) => part.section === section)
    return own.length === 0 ? kept(before, section) : rendered(section, own)
  })
  await writeFile(PAGE, [INTRODUCTION, ...sections.filter((text) => text !== '')].join('\n'))
}

function rendered(section: string, parts: readonly Part[]): string {
  return [`## ${section}\n`, ...parts.map((part) => `### ${part.title}\n\n${renderPart(part)}\n`)].join('\n')
}

function kept(page: string, section: string): string {
  const start = page.indexOf(`## ${section}\n`)
  if (start === -1) return ''
  const next = page.slice(start + 1).search(/^## /m)
  return next === -1 ? page.slice(start) : page.slice(start, start + next)
}
