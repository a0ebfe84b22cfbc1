import type { CommitInfo, FileChange } from '../state/git.ts'
import { type Account, type CommitStatus, nodeId, type Repository } from '../state/model.ts'
import type { World } from '../state/world.ts'
import { accountJson } from './accounts.ts'
import { repositoryPage, repositoryUrl } from './repositories.ts'

/** The account of a commit's author: the noreply address carries its id. */
export function accountOf(world: World, email: string): Account | null {
  const id = /^(\d+)\+.*@users\.noreply\./.exec(email)?.[1]
  if (id === undefined) return null
  return [...world.accounts.values()].find((account) => account.id === Number(id)) ?? null
}

export function commitJson(world: World, repository: Repository, commit: CommitInfo) {
  const api = repositoryUrl(world, repository)
  const page = repositoryPage(world, repository)
  const author = accountOf(world, commit.author.email)
  const committer = accountOf(world, commit.committer.email)
  return {
    sha: commit.sha,
    node_id: nodeId('C', repository.id) + commit.sha,
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      url: `${api}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
    },
    url: `${api}/commits/${commit.sha}`,
    html_url: `${page}/commit/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    author: author ? accountJson(world, author) : null,
    committer: committer ? accountJson(world, committer) : null,
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/commits/${sha}`, html_url: `${page}/commit/${sha}` })),
  }
}

/** A commit as a push webhook shows it. */
export function pushCommitJson(world: World, repository: Repository, commit: CommitInfo, files: FileChange[]) {
  const named = (status: FileChange['status'][]) =>
    files.filter((file) => status.includes(file.status)).map((file) => file.path)
  const person = ({ name, email, date }: CommitInfo['author']) => {
    const username = accountOf(world, email)?.login
    return { name, email, date, ...(username === undefined ? {} : { username }) }
  }
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.committer.date,
    url: `${repositoryPage(world, repository)}/commit/${commit.sha}`,
    author: person(commit.author),
    committer: person(commit.committer),
    added: named(['added', 'renamed']),
    removed: named(['removed']),
    modified: named(['modified']),
  }
}

export function fileJson(world: World, repository: Repository, head: string, file: FileChange) {
  const page = repositoryPage(world, repository)
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${page}/blob/${head}/${file.path}`,
    raw_url: `${page}/raw/${head}/${file.path}`,
    contents_url: `${repositoryUrl(world, repository)}/contents/${file.path}?ref=${head}`,
    ...(file.patch === '' ? {} : { patch: file.patch }),
    ...(file.previousPath === null ? {} : { previous_filename: file.previousPath }),
  }
}

export function statusJson(world: World, repository: Repository, status: CommitStatus) {
  return {
    url: `${repositoryUrl(world, repository)}/statuses/${status.sha}`,
    avatar_url: `${world.url}/avatars/${status.creator.id}`,
    id: status.id,
    node_id: nodeId('SC', status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: status.createdAt,
    updated_at: status.updatedAt,
    creator: accountJson(world, status.creator),
  }
}
