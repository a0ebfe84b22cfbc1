import { ApiError, notFound } from '../api-error.ts'
import { accountJson } from '../render/accounts.ts'
import { fullRepositoryJson, repositoryPage, repositoryUrl } from '../render/repositories.ts'
import { listTree, readBlob, resolveRef, type TreeEntry } from '../state/git.ts'
import { roleOf } from '../state/roles.ts'
import { ok, type Reply, type RepositoryCall, type Route, repositoryRoute } from './registry.ts'

const LEGACY = { admin: 'admin', maintain: 'write', write: 'write', triage: 'read', read: 'read', none: 'none' } as const

/** https://docs.github.com/rest/repos */
export const repositoryRoutes: Route[] = [
  repositoryRoute('GET', '', 'metadata:read', ({ world, repository }) => ok(fullRepositoryJson(world, repository))),
  repositoryRoute('GET', '/collaborators/{username}/permission', 'metadata:read', ({ world, repository, params }) => {
    const account = world.accounts.get((params.username ?? '').toLowerCase())
    if (!account) throw new ApiError(404, `${params.username} is not a user`)
    const role = roleOf(repository, account.login)
    const permission = LEGACY[role]
    const permissions = {
      admin: role === 'admin',
      maintain: role === 'admin' || role === 'maintain',
      push: permission === 'admin' || permission === 'write',
      triage: role !== 'read' && role !== 'none',
      pull: role !== 'none',
    }
    return ok({ permission, user: { ...accountJson(world, account), permissions, role_name: role }, role_name: role })
  }),
  repositoryRoute('GET', '/contents/{path}', 'contents:read', contents),
  repositoryRoute('GET', '/contents', 'contents:read', contents),
  repositoryRoute('GET', '/readme', 'contents:read', (call) =>
    contents({ ...call, params: { ...call.params, path: 'README.md' } }),
  ),
]

async function contents(call: RepositoryCall): Promise<Reply> {
  const { repository } = call
  const path = (call.params.path ?? '').replace(/^\/+|\/+$/g, '')
  const ref = call.query.get('ref') ?? repository.defaultBranch
  const commit = await resolveRef(repository.dir, ref.replace(/^refs\//, ''))
  if (commit === null) throw new ApiError(404, `No commit found for the ref ${ref}`)
  const [entry] = path === '' ? [] : await listTree(repository.dir, commit, path)
  if (path !== '' && !entry) throw notFound()
  if (entry?.type === 'blob') return ok(await fileJson(call, entry, ref))
  const entries = await listTree(repository.dir, commit, path === '' ? '' : `${path}/`)
  return ok(entries.map((one) => entryJson(call, one, ref)))
}

function entryJson({ world, repository }: RepositoryCall, entry: TreeEntry, ref: string) {
  const url = `${repositoryUrl(world, repository)}/contents/${entry.path}?ref=${ref}`
  const kind = entry.type === 'tree' ? 'tree' : 'blob'
  const git = `${repositoryUrl(world, repository)}/git/${kind}s/${entry.sha}`
  const html = `${repositoryPage(world, repository)}/${kind}/${ref}/${entry.path}`
  return {
    name: entry.path.split('/').at(-1) ?? entry.path,
    path: entry.path,
    sha: entry.sha,
    size: entry.size ?? 0,
    url,
    html_url: html,
    git_url: git,
    download_url: entry.type === 'blob' ? `${repositoryPage(world, repository)}/raw/${ref}/${entry.path}` : null,
    type: entry.type === 'tree' ? 'dir' : 'file',
    _links: { self: url, git, html },
  }
}

async function fileJson(call: RepositoryCall, entry: TreeEntry, ref: string) {
  const content = (await readBlob(call.repository.dir, entry.sha)).toString('base64').replace(/(.{60})/g, '$1\n')
  return { ...entryJson(call, entry, ref), content: content.endsWith('\n') ? content : `${content}\n`, encoding: 'base64' }
}
