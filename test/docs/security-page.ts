import { readFileSync } from 'node:fs'
import type { Attack, Told } from '../attack/attack.ts'
import { TOPICS } from '../attack/topics/registry.ts'
import { table } from './markdown.ts'

const PAGE = new URL('../../docs/security.md', import.meta.url)
const BEGIN = '<!-- attacks: written by `npm run docs` from test/attack/topics; do not edit -->'
const END = '<!-- end of attacks -->'

const WHO: Readonly<Record<Told, string>> = { people: 'people', asker: 'who tries', log: 'the log', nobody: '' }

/** docs/security.md: written by hand, but for the tables of attacks between two marks. */
export function securityPage(): string {
  const page = readFileSync(PAGE, 'utf8')
  const [before, after] = [page.split(BEGIN)[0], page.split(END)[1]]
  if (before === undefined || after === undefined) throw new Error('docs/security.md has lost the marks of its tables')
  return `${before}${BEGIN}\n\n${tables()}\n\n${END}${after}`
}

function tables(): string {
  const all = TOPICS.flatMap(({ attacks }) => attacks)
  const open = all.filter((attack) => attack.open !== undefined)
  const topics = TOPICS.map(({ title, attacks }) => {
    const rows = attacks.filter((attack) => attack.open === undefined).map(row)
    return `### ${title}\n\n${table(['Attack', 'How', 'What stops it', 'Told'], rows)}`
  })
  const known = open.map((attack) => [attack.name, attack.how, attack.open ?? ''])
  const still = `### Open\n\nThese get what they want today.\n\n${table(['Attack', 'How', 'Why, and what to do'], known)}`
  const succeed = open.length === 0 ? 'None succeeds.' : `Of these ${open.length} succeed; they are named under *Open*.`
  const count = `${all.length} attacks. ${succeed}`
  return [count, ...topics, ...(open.length > 0 ? [still] : [])].join('\n\n')
}

function row({ name, how, stopped, told }: Attack): string[] {
  return [name, how, stopped, WHO[told]]
}
