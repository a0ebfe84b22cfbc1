import { ApiError, notFound } from '../api-error.ts'
import { commitJson, fileJson } from '../render/commits.ts'
import { repositoryPage, repositoryUrl } from '../render/repositories.ts'
import {
  diffFiles,
  git,
  isAncestor,
  listCommits,
  listRefs,
  mergeBase,
  NO_COMMIT,
  readCommit,
  resolveCommit,
  resolveRef,
  updateRef,
} from '../state/git.ts'
import { nodeId, type Protection } from '../state/model.ts'
import { refsMoved } from '../state/pushes.ts'
import { actorOf } from './actor.ts'
import { optionalFlag, text } from './input.ts'
import { page } from './paging.ts'
import { noContent, ok, type RepositoryCall, type Route, repositoryRoute } from './registry.ts'

/** https://docs.github.com/rest/git/refs, https://docs.github.com/rest/commits and https://docs.github.com/rest/branches */
export const gitRoutes: Route[] = [
  repositoryRoute('GET', '/git/ref/{ref}', 'contents:read', async (call) => {
    const sha = await resolveCommit(call.repository.dir, `refs/${call.params.ref}`)
    if (sha === null) throw notFound()
    return ok(refJson(call, `refs/${call.params.ref}`, sha))
  }),
  repositoryRoute('GET', '/git/matching-refs/{ref}', 'contents:read', async (call) => {
    const refs = (await listRefs(call.repository.dir, 'refs')).filter((one) => one.ref.startsWith(`refs/${call.params.ref}`))
    return ok(refs.map((one) => refJson(call, one.ref, one.sha)))
  }),
  repositoryRoute('POST', '/git/refs', 'contents:write', async (call) => {
    const { world, repository } = call
    const ref = text(call.body, 'ref')
    const sha = await resolveCommit(repository.dir, text(call.body, 'sha'))
    if (sha === null) throw new ApiError(422, 'Object does not exist')
    if (!/^refs\/(heads|tags)\/./.test(ref)) throw new ApiError(422, 'Reference name must start with refs/heads/ or refs/tags/')
    if (!(await updateRef(repository.dir, ref, sha, NO_COMMIT))) throw new ApiError(422, 'Reference already exists')
    await refsMoved(world, repository, [{ ref, before: NO_COMMIT, after: sha }], actorOf(call))
    return ok(refJson(call, ref, sha), 201)
  }),
  repositoryRoute('PATCH', '/git/refs/{ref}', 'contents:write', async (call) => {
    const { world, repository } = call
    const ref = `refs/${call.params.ref}`
    const before = await resolveCommit(repository.dir, ref)
    const after = await resolveCommit(repository.dir, text(call.body, 'sha'))
    if (before === null) throw new ApiError(422, 'Reference does not exist')
    if (after === null) throw new ApiError(422, 'Object does not exist')
    if (!optionalFlag(call.body, 'force') && !(await isAncestor(repository.dir, before, after))) {
      throw new ApiError(422, 'Update is not a fast forward')
    }
    if (!(await updateRef(repository.dir, ref, after, before))) throw new ApiError(409, 'Reference was updated meanwhile')
    if (before !== after) await refsMoved(world, repository, [{ ref, before, after }], actorOf(call))
    return ok(refJson(call, ref, after))
  }),
  repositoryRoute('DELETE', '/git/refs/{ref}', 'contents:write', async (call) => {
    const { world, repository } = call
    const ref = `refs/${call.params.ref}`
    const before = await resolveCommit(repository.dir, ref)
    if (before === null || !(await updateRef(repository.dir, ref, NO_COMMIT, before))) {
      throw new ApiError(422, 'Reference does not exist')
    }
    await refsMoved(world, repository, [{ ref, before, after: NO_COMMIT }], actorOf(call))
    return noContent
  }),
  repositoryRoute('GET', '/commits', 'contents:read', async (call) => {
    const { world, repository } = call
    const name = call.query.get('sha') ?? repository.defaultBranch
    const sha = await resolveRef(repository.dir, name)
    if (sha === null) throw notFound()
    const path = call.query.get('path')
    const out = await git(repository.dir, ['rev-list', '--max-count=1000', sha, ...(path === null ? [] : ['--', path])])
    return page(call, out.split('\n'), async (one) => commitJson(world, repository, await readCommit(repository.dir, one)))
  }),
  repositoryRoute('GET', '/commits/{ref}', 'contents:read', async (call) => {
    const { world, repository } = call
    const sha = await commitOf(call, call.params.ref)
    const commit = await readCommit(repository.dir, sha)
    const parent = commit.parents[0]
    const files = parent === undefined ? [] : await diffFiles(repository.dir, parent, sha)
    const sum = (key: 'additions' | 'deletions') => files.reduce((total, file) => total + file[key], 0)
    const stats = { additions: sum('additions'), deletions: sum('deletions'), total: sum('additions') + sum('deletions') }
    return ok({
      ...commitJson(world, repository, commit),
      stats,
      files: files.map((one) => fileJson(world, repository, sha, one)),
    })
  }),
  repositoryRoute('GET', '/compare/{basehead}', 'contents:read', compare),
  repositoryRoute('GET', '/branches', 'contents:read', async (call) => {
    const refs = await listRefs(call.repository.dir, 'refs/heads')
    return page(call, refs, ({ ref, sha }) => shortBranchJson(call, ref.slice('refs/heads/'.length), sha))
  }),
  repositoryRoute('GET', '/branches/{branch}', 'contents:read', async (call) => {
    const { world, repository } = call
    const branch = call.params.branch ?? ''
    const sha = await resolveCommit(repository.dir, `refs/heads/${branch}`)
    if (sha === null) throw new ApiError(404, 'Branch not found')
    const short = shortBranchJson(call, branch, sha)
    return ok({
      ...short,
      commit: commitJson(world, repository, await readCommit(repository.dir, sha)),
      _links: {
        self: `${repositoryUrl(world, repository)}/branches/${branch}`,
        html: `${repositoryPage(world, repository)}/tree/${branch}`,
      },
    })
  }),
  repositoryRoute('GET', '/branches/{branch}/protection', 'administration:read', (call) => {
    const { url, protection } = protectionOf(call)
    return ok({
      url,
      ...(protection.requiredChecks === null ? {} : { required_status_checks: requiredJson(url, protection) }),
      enforce_admins: { url: `${url}/enforce_admins`, enabled: false },
    })
  }),
  repositoryRoute('GET', '/branches/{branch}/protection/required_status_checks', 'administration:read', (call) => {
    const { url, protection } = protectionOf(call)
    if (protection.requiredChecks === null) throw new ApiError(404, 'Required status checks not enabled')
    return ok(requiredJson(url, protection))
  }),
]

async function compare(call: RepositoryCall) {
  const { world, repository, params } = call
  const [baseName = '', headName = ''] = (params.basehead ?? '').split('...')
  const base = await commitOf(call, baseName.replace(/^[^:]*:/, ''))
  const head = await commitOf(call, headName.replace(/^[^:]*:/, ''))
  const { dir } = repository
  const ancestor = (await mergeBase(dir, base, head)) ?? base
  const ahead = await listCommits(dir, base, head)
  const behind = await listCommits(dir, head, base)
  const status = ahead.length > 0 ? (behind.length > 0 ? 'diverged' : 'ahead') : behind.length > 0 ? 'behind' : 'identical'
  const json = async (sha: string) => commitJson(world, repository, await readCommit(dir, sha))
  const page = `${repositoryPage(world, repository)}/compare/${params.basehead}`
  return ok({
    url: `${repositoryUrl(world, repository)}/compare/${params.basehead}`,
    html_url: page,
    permalink_url: `${repositoryPage(world, repository)}/compare/${base}...${head}`,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    base_commit: await json(base),
    merge_base_commit: await json(ancestor),
    status,
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    commits: await Promise.all(ahead.map(json)),
    files: (await diffFiles(dir, ancestor, head)).map((file) => fileJson(world, repository, head, file)),
  })
}

/** The commit that a branch, tag or sha stands for. */
export async function commitOf({ repository }: RepositoryCall, ref: string | undefined): Promise<string> {
  // What has a check suite is a commit here: asked most, and git need not be started to say so.
  if ([...repository.checkSuites.values()].some(({ headSha }) => headSha === ref)) return ref ?? ''
  const sha = await resolveRef(repository.dir, ref ?? '')
  if (sha === null) throw new ApiError(422, `No commit found for SHA: ${ref}`)
  return sha
}

function refJson({ world, repository }: RepositoryCall, ref: string, sha: string) {
  const url = repositoryUrl(world, repository)
  return {
    ref,
    node_id: `${nodeId('REF', repository.id)}:${ref}`,
    url: `${url}/git/${ref}`,
    object: { sha, type: 'commit', url: `${url}/git/commits/${sha}` },
  }
}

function shortBranchJson({ world, repository }: RepositoryCall, branch: string, sha: string) {
  const url = repositoryUrl(world, repository)
  const protection = repository.protections.get(branch)
  return {
    name: branch,
    commit: { sha, url: `${url}/commits/${sha}` },
    protected: protection !== undefined,
    protection: {
      enabled: protection !== undefined,
      required_status_checks: {
        enforcement_level: protection?.requiredChecks ? 'non_admins' : 'off',
        contexts: protection?.requiredChecks ?? [],
        checks: (protection?.requiredChecks ?? []).map((context) => ({ context, app_id: null })),
      },
    },
    protection_url: `${url}/branches/${branch}/protection`,
  }
}

function protectionOf({ world, repository, params }: RepositoryCall): { url: string; protection: Protection } {
  const protection = repository.protections.get(params.branch ?? '')
  if (!protection) throw new ApiError(404, 'Branch not protected')
  return { url: `${repositoryUrl(world, repository)}/branches/${params.branch}/protection`, protection }
}

function requiredJson(url: string, protection: Protection) {
  const names = protection.requiredChecks ?? []
  return {
    url: `${url}/required_status_checks`,
    strict: protection.strict,
    contexts: names,
    contexts_url: `${url}/required_status_checks/contexts`,
    checks: names.map((context) => ({ context, app_id: null })),
  }
}
