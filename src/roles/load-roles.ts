import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { SwitchyardError } from '../contract/failure.ts'
import { Role, RoleFrontMatter, type RoleRules, type Roles } from './role.ts'

const FRONT_MATTER = /^---\n(?<meta>[\s\S]*?)\n---\n(?<prompt>[\s\S]*)$/

/**
 * Reads one role from its Markdown text.
 * @throws SwitchyardError with cause `config` when the front matter is missing or does not fit.
 */
export function parseRole(file: string, text: string): Role {
  const match = FRONT_MATTER.exec(text.replaceAll('\r\n', '\n'))
  if (match?.groups === undefined) {
    throw new SwitchyardError({
      cause: 'config',
      message: `The role ${file} does not begin with front matter between two lines of ---.`,
    })
  }
  try {
    const meta = RoleFrontMatter.parse(parse(match.groups.meta ?? ''))
    return Role.parse({ ...meta, prompt: (match.groups.prompt ?? '').trim() })
  } catch (error) {
    throw new SwitchyardError(
      { cause: 'config', message: `The front matter of the role ${file} does not fit.` },
      { cause: error },
    )
  }
}

async function readRules(folder: URL): Promise<RoleRules> {
  const read = async (name: string) => (await readFile(new URL(`${name}.md`, folder), 'utf8')).trim()
  const [common, code, explore, report] = await Promise.all([read('common'), read('code'), read('explore'), read('report')])
  return { common, code, explore, report }
}

/** Reads the built-in roles and the rules they share. Called once at start; prompts are built without I/O. */
export async function loadRoles(): Promise<Roles> {
  const folder = new URL('./prompts/', import.meta.url)
  const files = (await readdir(fileURLToPath(folder))).filter((file) => file.endsWith('.md')).sort()
  const [roles, rules] = await Promise.all([
    Promise.all(files.map(async (file) => parseRole(file, await readFile(new URL(file, folder), 'utf8')))),
    readRules(new URL('./rules/', import.meta.url)),
  ])
  return { byName: new Map(roles.map((role) => [role.name, role])), rules }
}
