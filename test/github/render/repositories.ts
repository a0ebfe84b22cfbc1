import { fullName, nodeId, type Repository } from '../state/model.ts'
import type { World } from '../state/world.ts'
import { accountJson } from './accounts.ts'

const PATHS = {
  archive_url: '{archive_format}{/ref}',
  assignees_url: 'assignees{/user}',
  blobs_url: 'git/blobs{/sha}',
  branches_url: 'branches{/branch}',
  collaborators_url: 'collaborators{/collaborator}',
  comments_url: 'comments{/number}',
  commits_url: 'commits{/sha}',
  compare_url: 'compare/{base}...{head}',
  contents_url: 'contents/{+path}',
  contributors_url: 'contributors',
  deployments_url: 'deployments',
  downloads_url: 'downloads',
  events_url: 'events',
  forks_url: 'forks',
  git_commits_url: 'git/commits{/sha}',
  git_refs_url: 'git/refs{/sha}',
  git_tags_url: 'git/tags{/sha}',
  hooks_url: 'hooks',
  issue_comment_url: 'issues/comments{/number}',
  issue_events_url: 'issues/events{/number}',
  issues_url: 'issues{/number}',
  keys_url: 'keys{/key_id}',
  labels_url: 'labels{/name}',
  languages_url: 'languages',
  merges_url: 'merges',
  milestones_url: 'milestones{/number}',
  notifications_url: 'notifications{?since,all,participating}',
  pulls_url: 'pulls{/number}',
  releases_url: 'releases{/id}',
  stargazers_url: 'stargazers',
  statuses_url: 'statuses/{sha}',
  subscribers_url: 'subscribers',
  subscription_url: 'subscription',
  tags_url: 'tags',
  teams_url: 'teams',
  trees_url: 'git/trees{/sha}',
} as const

export function repositoryUrl(world: World, repository: Repository): string {
  return `${world.apiUrl}/repos/${fullName(repository)}`
}

export function repositoryPage(world: World, repository: Repository): string {
  return `${world.url}/${fullName(repository)}`
}

/** GitHub's `repository`, the shape inside other answers and in webhooks. */
export function repositoryJson(world: World, repository: Repository) {
  const api = repositoryUrl(world, repository)
  const page = repositoryPage(world, repository)
  const open = [...repository.issues.values()].filter((issue) => issue.state === 'open').length
  const urls = Object.fromEntries(Object.entries(PATHS).map(([key, path]) => [key, `${api}/${path}`]))
  return {
    id: repository.id,
    node_id: nodeId('R', repository.id),
    name: repository.name,
    full_name: fullName(repository),
    private: repository.private,
    owner: accountJson(world, repository.owner),
    html_url: page,
    description: repository.description,
    fork: repository.forkOf !== null,
    url: api,
    ...urls,
    created_at: repository.createdAt,
    updated_at: repository.updatedAt,
    pushed_at: repository.pushedAt,
    git_url: `${page.replace(/^http/, 'git')}.git`,
    ssh_url: `git@127.0.0.1:${fullName(repository)}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    homepage: null,
    size: 1,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: true,
    has_pages: false,
    has_discussions: false,
    forks_count: 0,
    mirror_url: null,
    archived: false,
    disabled: false,
    open_issues_count: open,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.private ? 'private' : 'public',
    forks: 0,
    open_issues: open,
    watchers: 0,
    default_branch: repository.defaultBranch,
  }
}

/** GitHub's `full-repository`. */
export function fullRepositoryJson(world: World, repository: Repository) {
  return {
    ...repositoryJson(world, repository),
    allow_merge_commit: repository.mergeMethods.merge,
    allow_squash_merge: repository.mergeMethods.squash,
    allow_rebase_merge: repository.mergeMethods.rebase,
    allow_auto_merge: repository.allowAutoMerge,
    delete_branch_on_merge: repository.deleteBranchOnMerge,
    network_count: 0,
    subscribers_count: 0,
    permissions: { admin: false, maintain: false, push: true, triage: true, pull: true },
    ...(repository.owner.type === 'Organization' ? { organization: accountJson(world, repository.owner) } : {}),
  }
}

/** The `repository` of a push webhook, which has times as seconds. */
export function pushRepositoryJson(world: World, repository: Repository) {
  const seconds = (iso: string) => Math.floor(Date.parse(iso) / 1_000)
  return {
    ...repositoryJson(world, repository),
    created_at: seconds(repository.createdAt),
    pushed_at: seconds(repository.pushedAt),
    master_branch: repository.defaultBranch,
    stargazers: 0,
    owner: { ...accountJson(world, repository.owner), name: repository.owner.login, email: null },
    ...(repository.owner.type === 'Organization' ? { organization: repository.owner.login } : {}),
  }
}
