/** Credentials in text that is about to be pushed: Switchyard's own values first, then the shapes of public ones. */
import { createHash } from 'node:crypto'
import type { Redactor } from '../../src/contract/redact.ts'
import { looseCommit } from '../git/commit-object.ts'
import type { Git } from '../git/run-git.ts'
import { type AddedText, addedByOne, addedText } from './added-text.ts'
import type { Found } from './found.ts'
import { looksRandom, SECRET_PATTERNS } from './secret-patterns.ts'

/** What is said instead of a file's name where it is the words of a commit, or a name itself. */
const COMMIT = 'the words of a commit, or the name of a file'
/** Most that are told apart; more are only counted by their file. */
const FOUND_MAX = 1_000

/** Every credential that the text holds, each once per file. */
export async function findSecrets(redactor: Pick<Redactor, 'holds'>, added: AsyncIterable<AddedText>): Promise<Found[]> {
  const found = new Map<string, Found>()
  for await (const text of added) {
    for (const each of secretsIn(text, redactor)) {
      if (found.size < FOUND_MAX && !found.has(each.content)) found.set(each.content, each)
    }
  }
  return [...found.values()]
}

/** Every credential that `commit` and its ancestors would bring that none of `known` has. Throws `GitError`. */
export async function secretsOfCommits(
  { git, redactor }: { readonly git: Git; readonly redactor: Pick<Redactor, 'holds'> },
  gitDir: string,
  commit: string,
  known: readonly string[],
): Promise<Found[]> {
  return await findSecrets(redactor, addedText(git, gitDir, commit, known))
}

/**
 * The same without git, from the patch over `base`: null where the commit is not the only one on top of it, as then what
 * one commit brings and another takes away again is not in the patch.
 */
export async function secretsOfOne(
  redactor: Pick<Redactor, 'holds'>,
  gitDir: string,
  { base, commit }: { readonly base: string; readonly commit: string },
  patch: AsyncIterable<string>,
): Promise<Found[] | null> {
  const written = await looseCommit(gitDir, commit)
  if (written === null || written.parents.length !== 1 || written.parents[0] !== base) return null
  return await findSecrets(redactor, addedByOne(written, patch))
}

/** The credentials in one piece of text. */
export function secretsIn({ path, line, text }: AddedText, redactor: Pick<Redactor, 'holds'>): Found[] {
  const where = path ?? COMMIT
  const at = (index: number): { path: string; line?: number } =>
    path === null ? { path: where } : { path, line: line + newlines(text, index) }
  const own = redactor.holds(text) ? ownIn(text, redactor).map((index) => ownSecret(at(index))) : []
  const shaped = SECRET_PATTERNS.flatMap(({ name, pattern }) =>
    [...text.matchAll(pattern)].flatMap((match): Found[] => {
      const value = match.slice(1).find((group) => group !== undefined) ?? match[0]
      if (!looksRandom(value)) return []
      const content = JSON.stringify(['secret', name, where, createHash('sha256').update(match[0]).digest('hex')])
      return [{ finding: { kind: 'secret', ...at(match.index), what: name }, content }]
    }),
  )
  return [...own, ...shaped]
}

function ownSecret(at: { path: string; line?: number }): Found {
  const finding = { kind: 'own-secret' as const, ...at, what: 'a credential of this Switchyard' }
  return { finding, content: JSON.stringify(['own-secret', at.path, at.line ?? 0]) }
}

/** Where the lines with one of our own values begin; the piece's beginning, where one goes over several lines. */
function ownIn(text: string, redactor: Pick<Redactor, 'holds'>): number[] {
  const starts: number[] = []
  let start = 0
  for (const line of text.split('\n')) {
    if (redactor.holds(line)) starts.push(start)
    start += line.length + 1
  }
  return starts.length === 0 ? [0] : starts
}

function newlines(text: string, end: number): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) count += 1
  return count
}
