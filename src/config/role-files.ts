/**
 * Roles' prompts that a repository brings (CFG-6): `<role>.md` in `.github/switchyard/roles` of the default branch. Plain
 * Markdown is put after the role's own prompt; with the front matter `replace: true` it takes its place. The rules that
 * all roles share (safety, git, the report) are not part of a role's prompt, and stay.
 */
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import type { RoleSettings } from '../pipeline/run-settings.ts'
import { ROLES_FOLDER } from './defaults.ts'
import { ROLE_NAMES, type RoleName } from './file-roles.ts'
import { quoted, suggestion } from './nearest.ts'
import type { ConfigurationError } from './parse.ts'

/** Longest text of a role's file, in characters. */
export const ROLE_TEXT_MAX = 40_000
/** Longest that it may be together with the role's `instructions` of the configuration, in characters. */
const TOGETHER_MAX = 50_000

/** What a repository says to a role. */
export interface RoleText {
  role: RoleName
  text: string
  /** It stands in the place of the role's own prompt. */
  replaces: boolean
}

export type RoleTextResult = { ok: true; role: RoleText } | { ok: false; errors: ConfigurationError[] }

const FrontMatter = z.strictObject({ replace: z.boolean() })
const FRONT_MATTER = /^---\n([\s\S]*?)\n---(?:\n|$)/

/** Whether a path of the folder is a role's file: Markdown, but not the folder's README. */
export function isRoleFile(path: string): boolean {
  return path.startsWith(`${ROLES_FOLDER}/`) && path.endsWith('.md') && !/\/readme\.md$/i.test(path)
}

/** Reads a role's file. What is wrong with it is in the result. */
export function parseRoleFile(path: string, source: string): RoleTextResult {
  const name = path.slice(path.lastIndexOf('/') + 1, -'.md'.length)
  const role = ROLE_NAMES.find((known) => known === name)
  if (role === undefined) return wrong(`there is no role ${quoted(name)}; ${suggestion(name, ROLE_NAMES)}`)
  const whole = source.replaceAll('\r\n', '\n').replace(/^\uFEFF/, '')
  const matter = FRONT_MATTER.exec(whole)
  const text = whole.slice(matter?.[0].length ?? 0).trim()
  const meta = readMatter(matter?.[1])
  if (meta === null) return wrong('the front matter between the lines of --- may only say `replace: true` or `replace: false`.')
  if (text === '') return wrong('it has no text.')
  if (text.length > ROLE_TEXT_MAX) return wrong(`its text is longer than ${ROLE_TEXT_MAX} characters.`)
  return { ok: true, role: { role, text, replaces: meta.replace } }
}

/** The roles' settings with what the files say to them, or the roles that are then told too much. */
export function withRoleTexts(
  roles: Readonly<Record<string, RoleSettings>>,
  texts: readonly RoleText[],
): { ok: true; roles: Record<string, RoleSettings> } | { ok: false; tooLong: RoleName[] } {
  const told = texts.flatMap(({ role, text, replaces }) => {
    const settings = roles[role]
    if (settings === undefined) return []
    const instructions = [text, settings.instructions].filter((part) => part !== '').join('\n\n')
    const changed: RoleSettings = replaces ? { ...settings, prompt: text } : { ...settings, instructions }
    return [{ role, changed }]
  })
  const tooLong = told.filter(({ changed }) => changed.instructions.length > TOGETHER_MAX).map(({ role }) => role)
  if (tooLong.length > 0) return { ok: false, tooLong }
  return { ok: true, roles: { ...roles, ...Object.fromEntries(told.map(({ role, changed }) => [role, changed])) } }
}

function readMatter(yaml: string | undefined): z.infer<typeof FrontMatter> | null {
  if (yaml === undefined) return { replace: false }
  try {
    return FrontMatter.parse(parseYaml(yaml))
  } catch {
    return null
  }
}

function wrong(message: string): RoleTextResult {
  return { ok: false, errors: [{ line: 1, column: 1, path: '', message }] }
}
