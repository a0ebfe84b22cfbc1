/** What the local GitHub knows, in memory. Commits and files are in the bare repositories on disk. */

export type AccountType = 'User' | 'Organization' | 'Bot'

export interface Account {
  id: number
  login: string
  type: AccountType
  createdAt: string
  /** The address that a person shows on their profile. */
  email?: string
}

export type Level = 'read' | 'write' | 'admin'
export type Permissions = Record<string, Level>

export interface Hook {
  id: number
  url: string
  secret: string
}

export interface App {
  id: number
  slug: string
  name: string
  clientId: string
  owner: Account
  bot: Account
  privateKey: string
  publicKey: string
  hook: Hook | null
  permissions: Permissions
  events: string[]
  createdAt: string
}

export interface Installation {
  id: number
  app: App
  account: Account
  selection: 'all' | 'selected'
  /** Repository ids, when selected. */
  repositories: Set<number>
  permissions: Permissions
  events: string[]
  createdAt: string
  suspendedAt: string | null
  deleted: boolean
}

export interface Token {
  value: string
  installation: Installation
  /** Repository ids; null for all of the installation's. */
  repositories: Set<number> | null
  permissions: Permissions
  /** Milliseconds since the epoch. */
  expiresAt: number
}

export type Role = 'admin' | 'maintain' | 'write' | 'triage' | 'read' | 'none'

/** Who does something: a person, or an App's bot. */
export interface Actor {
  user: Account
  app: App | null
}

export interface Label {
  id: number
  name: string
  color: string
  description: string | null
}

export type ReactionContent = '+1' | '-1' | 'laugh' | 'confused' | 'heart' | 'hooray' | 'rocket' | 'eyes'

export interface Reaction {
  id: number
  user: Account
  content: ReactionContent
  createdAt: string
}

export interface Issue {
  id: number
  number: number
  title: string
  body: string | null
  state: 'open' | 'closed'
  stateReason: 'completed' | 'not_planned' | 'duplicate' | 'reopened' | null
  author: Actor
  labels: Set<Label>
  assignees: Account[]
  reactions: Reaction[]
  createdAt: string
  updatedAt: string
  closedAt: string | null
  closedBy: Account | null
  /** How often title or body changed. */
  edits: number
  pull: Pull | null
}

export interface Pull {
  id: number
  /** Where its branch is when that is a fork; what is pushed there after it was opened is not followed. */
  fork: Repository | null
  headRef: string
  headSha: string
  baseRef: string
  baseSha: string
  draft: boolean
  /** Whether git can merge head into base; null is not computed since either moved. */
  mergeable: boolean | null
  /** Raised by whatever makes `mergeable` stale, so that a late computation is thrown away. */
  generation: number
  computing: boolean
  /** What git said of this base and head, so that it is asked once. */
  counted: { of: string; counts: PullCounts } | null
  /** `before`: where the base branch stood. */
  merged: { at: string; by: Account; sha: string; before: string } | null
  autoMerge: AutoMerge | null
  requestedReviewers: Account[]
  reviews: Review[]
  threads: Thread[]
}

/** GitHub merges it by itself when its rules are met. */
export interface AutoMerge {
  enabledBy: Actor
  method: 'merge' | 'squash' | 'rebase'
  title: string | null
  message: string | null
  at: string
}

/** Where a branch has one, pull requests into it merge only through it, one after the other. */
export interface MergeQueue {
  id: number
  method: 'merge' | 'squash' | 'rebase'
  entries: QueueEntry[]
}

export interface QueueEntry {
  id: number
  issue: Issue
  pull: Pull
  headSha: string
  enqueuer: Actor
  enqueuedAt: string
  /** The temporary merge that CI runs on, once it is this one's turn. */
  group: { ref: string; sha: string; baseSha: string } | null
}

export interface PullCounts {
  commits: number
  additions: number
  deletions: number
  changed_files: number
}

export type ReviewState = 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING'

export interface Review {
  id: number
  author: Actor
  body: string
  state: ReviewState
  commitId: string
  submittedAt: string
}

export interface Thread {
  id: number
  resolved: boolean
  resolvedBy: Account | null
  /** The line it is about is not there any more. */
  outdated: boolean
  comments: ReviewComment[]
}

export interface ReviewComment {
  id: number
  reviewId: number
  author: Actor
  body: string
  path: string
  line: number
  side: 'LEFT' | 'RIGHT'
  commitId: string
  diffHunk: string
  inReplyTo: number | null
  reactions: Reaction[]
  createdAt: string
  updatedAt: string
}

export interface Comment {
  id: number
  issue: Issue
  author: Actor
  body: string
  /** Bodies it had before, oldest first. */
  history: string[]
  reactions: Reaction[]
  createdAt: string
  updatedAt: string
}

export type CheckStatus = 'queued' | 'in_progress' | 'completed'
export type Conclusion =
  | 'success'
  | 'failure'
  | 'neutral'
  | 'cancelled'
  | 'skipped'
  | 'timed_out'
  | 'action_required'
  | 'stale'
  | 'startup_failure'

export interface Annotation {
  path: string
  start_line: number
  end_line: number
  annotation_level: 'notice' | 'warning' | 'failure'
  message: string
  title: string | null
  raw_details: string | null
}

export interface CheckAction {
  label: string
  description: string
  identifier: string
}

export interface CheckSuite {
  id: number
  app: App
  headBranch: string | null
  headSha: string
  before: string | null
  status: CheckStatus
  conclusion: Conclusion | null
  createdAt: string
  updatedAt: string
}

export interface CheckRun {
  id: number
  suite: CheckSuite
  name: string
  headSha: string
  externalId: string
  detailsUrl: string | null
  status: CheckStatus
  conclusion: Conclusion | null
  startedAt: string
  completedAt: string | null
  output: { title: string | null; summary: string | null; text: string | null; annotations: Annotation[] }
  actions: CheckAction[]
  /** How often it was updated after its creation. */
  updates: number
  /** The log of a CI job. */
  log: string | null
}

export interface CommitStatus {
  id: number
  sha: string
  state: 'error' | 'failure' | 'pending' | 'success'
  context: string
  description: string | null
  targetUrl: string | null
  creator: Account
  createdAt: string
  updatedAt: string
}

export interface Protection {
  /** Names of required checks; null when none are required. */
  requiredChecks: string[] | null
  /** Branches must be up to date before merging. */
  strict: boolean
  requiredApprovals: number
  /** A push takes approvals back. */
  dismissStale: boolean
  /** Every conversation must be resolved. */
  resolvedThreads: boolean
}

/** What a ruleset asks of one branch, besides what its protection asks. */
export interface Ruleset {
  id: number
  /** Names of required checks. */
  requiredChecks: string[]
}

export type DeploymentState = 'error' | 'failure' | 'inactive' | 'pending' | 'success' | 'queued' | 'in_progress'

export interface Deployment {
  id: number
  sha: string
  /** As it was asked for: a branch, a tag or a commit. */
  ref: string
  task: string
  environment: string
  description: string | null
  payload: Record<string, unknown> | string
  transient: boolean
  production: boolean
  creator: Actor
  /** Oldest first. */
  statuses: DeploymentStatus[]
  createdAt: string
  updatedAt: string
}

export interface DeploymentStatus {
  id: number
  state: DeploymentState
  description: string
  environment: string
  environmentUrl: string
  logUrl: string
  creator: Actor
  createdAt: string
}

export interface CiJob {
  name: string
  command: string[]
  /** Repositories checked out beside it: their branch of the same name, else their default branch. */
  needs?: string[]
  /** Seconds until it is killed. */
  timeoutSeconds?: number
}

export interface Repository {
  id: number
  owner: Account
  name: string
  /** What it is a copy of. */
  forkOf: Repository | null
  description: string | null
  private: boolean
  defaultBranch: string
  /** The bare git repository. */
  dir: string
  collaborators: Map<string, Role>
  labels: Map<string, Label>
  /** By number; pull requests are issues too. */
  issues: Map<number, Issue>
  comments: Map<number, Comment>
  checkSuites: Map<number, CheckSuite>
  checkRuns: Map<number, CheckRun>
  statuses: CommitStatus[]
  protections: Map<string, Protection>
  /** By branch. */
  rulesets: Map<string, Ruleset>
  deployments: Map<number, Deployment>
  mergeMethods: { merge: boolean; squash: boolean; rebase: boolean }
  /** By branch. */
  mergeQueues: Map<string, MergeQueue>
  allowAutoMerge: boolean
  deleteBranchOnMerge: boolean
  ci: CiJob[]
  nextNumber: number
  createdAt: string
  updatedAt: string
  pushedAt: string
}

export function fullName(repository: Repository): string {
  return `${repository.owner.login}/${repository.name}`
}

export function nodeId(kind: string, id: number): string {
  return `${kind}_${id}`
}
