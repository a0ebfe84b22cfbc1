/**
 * CODEOWNERS by GitHub's rules: the last line that matches a file says who owns it, a line without owners says that nobody
 * does, and a line that GitHub could not read does not count. Pure.
 *
 * @see https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners#codeowners-syntax
 */

/** One line: what it matches, and who owns that. */
export interface OwnerRule {
  matches: (path: string) => boolean
  owners: readonly string[]
}

/** An owner: a person, a team, or an e-mail address. */
const OWNER = /^(?:@[A-Za-z0-9][A-Za-z0-9-]*(?:_[A-Za-z0-9-]+)?(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)?|[^\s@]+@[^\s@]+\.[^\s@]+)$/
/** A pattern ends at a space that is not escaped. */
const PATTERN = /^(?:\\.|[^\s\\])+/
/** What a `.gitignore` knows and CODEOWNERS does not. */
const UNKNOWN = /^!|[[\]]/

/** The lines that count, in the order of the file. */
export function parseCodeOwners(source: string): OwnerRule[] {
  return source.split(/\r\n|\n|\r/).flatMap((line): OwnerRule[] => {
    const text = line.trim()
    const pattern = text.startsWith('#') ? undefined : PATTERN.exec(text)?.[0]
    if (pattern === undefined || UNKNOWN.test(pattern)) return []
    const owners = withoutComment(text.slice(pattern.length))
      .split(/\s+/)
      .filter((owner) => owner !== '')
    if (!owners.every((owner) => OWNER.test(owner))) return []
    return [{ matches: matcher(pattern), owners }]
  })
}

/** Who owns a file; empty where nobody does. */
export function ownersOf(rules: readonly OwnerRule[], path: string): readonly string[] {
  return rules.findLast(({ matches }) => matches(path))?.owners ?? []
}

function withoutComment(text: string): string {
  return /^(.*?)(?:\s#.*)?$/.exec(text)?.[1] ?? ''
}

/** Any number of folders. */
const ANY_DEPTH = '**' as const
/** A folder's or file's name in a pattern. */
type Part = typeof ANY_DEPTH | Token[]
/** One character of a name in a pattern; `any` is a star. */
type Token = { is: string } | 'one' | 'any'

/**
 * `docs/*` matches the files right in `docs`, unlike in a `.gitignore`; a name without a star matches what is below it too.
 */
function matcher(pattern: string): (path: string) => boolean {
  const tied = /\/./.test(pattern)
  const plain = pattern.replace(/^\//, '')
  const names = plain.replace(/\/$/, '').split('/')
  const last = names.at(-1) ?? ''
  const parts: Part[] = [
    ...(tied ? [] : [ANY_DEPTH]),
    ...names.map((name): Part => (name === ANY_DEPTH ? ANY_DEPTH : tokensOf(name))),
  ]
  // Below a folder there has to be something; what may be a file or a folder matches by itself too.
  const something: Token[] = ['one', 'any']
  const within = [...parts, ANY_DEPTH, something]
  const shapes = plain.endsWith('/')
    ? [within]
    : last === ANY_DEPTH
      ? [[...parts, something]]
      : last.includes('*')
        ? [parts]
        : [parts, within]
  return (path) => {
    const folders = path.replace(/^\//, '').split('/')
    return shapes.some((shape) =>
      matchesInOrder(
        shape,
        folders,
        (part) => part === ANY_DEPTH,
        (part, name) => typeof part !== 'string' && matchesName(part, name),
      ),
    )
  }
}

function tokensOf(name: string): Token[] {
  return [...name.matchAll(/\\(.)|(\*+)|(\?)|(.)/gs)].map(([, escaped, stars, one, plain]): Token => {
    if (stars !== undefined) return 'any'
    return one === undefined ? { is: escaped ?? plain ?? '' } : 'one'
  })
}

function matchesName(tokens: readonly Token[], name: string): boolean {
  const fits = (token: Token, letter: string) => token === 'one' || (typeof token === 'object' && token.is === letter)
  return matchesInOrder(tokens, [...name], (token) => token === 'any', fits)
}

/** Whether items match a pattern in which some parts stand for any number of items; in no more than parts times items. */
function matchesInOrder<P, I>(
  parts: readonly P[],
  items: readonly I[],
  isAny: (part: P) => boolean,
  fits: (part: P, item: I) => boolean,
): boolean {
  let [part, item] = [0, 0]
  /** Where the last "any" stands, and up to which item it has taken what there is. */
  let retry: { part: number; item: number } | null = null
  while (item < items.length) {
    const [here, there] = [parts[part], items[item]]
    if (here !== undefined && isAny(here)) {
      retry = { part, item }
      part += 1
    } else if (here !== undefined && there !== undefined && fits(here, there)) {
      part += 1
      item += 1
    } else if (retry !== null) {
      retry = { part: retry.part, item: retry.item + 1 }
      part = retry.part + 1
      item = retry.item
    } else return false
  }
  return parts.slice(part).every(isAny)
}
