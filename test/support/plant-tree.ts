/** Commits of trees that no `git add` would make: names of any bytes, links, submodules, files that clash. */
import { execa } from 'execa'

/** `name` has a character for each byte. A `160000` has a commit's id as its content. */
export interface Planted {
  readonly name: string
  readonly mode?: '100644' | '100755' | '120000' | '160000'
  readonly content: string
}

/** A name as its UTF-8 bytes, one character each. */
export const utf8 = (name: string): string => Buffer.from(name).toString('latin1')

/** Puts these entries on top of `main` of a bare repository, in one commit, and gives that. */
export async function plantTree(gitDir: string, entries: readonly Planted[]): Promise<string> {
  const env = {
    GIT_INDEX_FILE: `${gitDir}/planting.index`,
    GIT_AUTHOR_NAME: 'Somebody',
    GIT_AUTHOR_EMAIL: 'somebody@example.com',
    GIT_COMMITTER_NAME: 'Somebody',
    GIT_COMMITTER_EMAIL: 'somebody@example.com',
  }
  const git = async (args: readonly string[], input?: Buffer): Promise<string> =>
    (await execa('git', [...args], { cwd: gitDir, env, ...(input === undefined ? {} : { input }) })).stdout
  await git(['read-tree', 'main'])
  const lines: string[] = []
  for (const { name, mode = '100644', content } of entries) {
    const id = mode === '160000' ? content : await git(['hash-object', '-w', '--stdin'], Buffer.from(content, 'latin1'))
    lines.push(`${mode} ${id}\t${name}\0`)
  }
  await git(['update-index', '-z', '--index-info'], Buffer.from(lines.join(''), 'latin1'))
  const commit = await git(['commit-tree', '-p', 'main', '-m', 'Odd', await git(['write-tree'])])
  await git(['update-ref', 'refs/heads/main', commit])
  return commit
}

/** Every entry of a commit's tree: name (a character for each byte) to `mode id`. */
export async function listTree(gitDir: string, commit: string): Promise<Map<string, string>> {
  const { stdout } = await execa('git', ['ls-tree', '-r', '-z', commit], { cwd: gitDir, encoding: 'latin1' })
  const entries = stdout.split('\0').filter((entry) => entry !== '')
  return new Map(
    entries.map((entry) => {
      const [what = '', name = ''] = entry.split(/\t(.*)/s)
      const [mode, , id] = what.split(' ')
      return [name, `${mode} ${id}`]
    }),
  )
}
