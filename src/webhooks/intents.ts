import type { HeadSha } from '../contract/ids.ts'

/** Somebody who did something. A bot is told by its account's type, never by its name. */
export interface Person {
  login: string
  id: number
  type: 'User' | 'Bot' | 'Organization' | 'Mannequin'
}

/** A repository as a delivery names it. Its id stays, its name may change. */
export interface RepositoryHint {
  id: number
  fullName: string
  defaultBranch: string
  cloneUrl: string | null
}

/** An issue, or a pull request's conversation, as it was when the delivery was made. */
export interface ThreadHint {
  title: string
  body: string
  url: string
  author: string
  state: 'open' | 'closed'
}

interface Within {
  installationId: number
  repository: RepositoryHint
}

/** A start label was put on: `switchyard`, or `switchyard:<pipeline>`. */
export interface StartIntent extends Within {
  type: 'start'
  thread: 'issue' | 'pull'
  number: number
  label: string
  /** Null is the default pipeline. */
  pipeline: string | null
  issue: ThreadHint
  actor: Person
}

/** A comment was written or edited: it may hold commands, or be ours with a box ticked. */
export interface CommentIntent extends Within {
  type: 'comment'
  thread: 'issue' | 'pull'
  number: number
  commentId: number
  body: string
  /** What an edit replaced; null for a new comment. */
  bodyBefore: string | null
  author: Person
  /** Who wrote or edited it. */
  actor: Person
  issue: ThreadHint
}

/** A pull request was opened, closed, merged, pushed to, retargeted, or reviewed. A hint: deliveries come in any order. */
export interface PullChangedIntent {
  type: 'pull-changed'
  installationId: number
  repositoryId: number
  number: number
  state: 'open' | 'closed' | 'merged'
  head: HeadSha
  branch: string
  draft: boolean
  merged: boolean
  mergedAt: string | null
  mergeSha: HeadSha | null
  nodeId: string
  url: string
  by: Person
}

/** Something about a pull request's review changed: ask GitHub. */
export interface ReviewsChangedIntent {
  type: 'reviews-changed'
  installationId: number
  repositoryId: number
  number: number
}

/** Something about the checks of a head changed: ask GitHub. */
export interface ChecksChangedIntent {
  type: 'checks-changed'
  installationId: number
  repositoryId: number
  head: HeadSha
}

/** Something about a commit's deployments changed: ask GitHub. */
export interface DeploymentsChangedIntent {
  type: 'deployments-changed'
  installationId: number
  repositoryId: number
  sha: HeadSha
}

/** A branch was created, moved or (`head` null) deleted. */
export interface BranchPushedIntent {
  type: 'branch-pushed'
  installationId: number
  repositoryId: number
  branch: string
  head: HeadSha | null
  forced: boolean
  by: Person
}

/** An issue (not a pull request) was closed, deleted or moved elsewhere. */
export interface IssueClosedIntent {
  type: 'issue-closed'
  installationId: number
  repositoryId: number
  number: number
  how: 'closed' | 'deleted' | 'transferred'
  actor: Person
}

/** A push to the default branch touched `.github/switchyard.yml`, or a role's file beside it. */
export interface ConfigurationPushedIntent extends Within {
  type: 'configuration-pushed'
  head: HeadSha
  by: Person
}

/** The App was installed, removed, suspended, or given other repositories or permissions. */
export interface InstallationChangedIntent {
  type: 'installation-changed'
  installationId: number
  what:
    | 'created'
    | 'deleted'
    | 'suspended'
    | 'unsuspended'
    | 'permissions-accepted'
    | 'repositories-added'
    | 'repositories-removed'
  repositories: { id: number; fullName: string }[]
  actor: Person
}

/** A repository was renamed, transferred, deleted, or has another default branch: ask GitHub how it is now. */
export interface RepositoryChangedIntent {
  type: 'repository-changed'
  installationId: number
  repositoryId: number
  /** It was deleted; else it is there under some name, if only GitHub's answers are as new as the delivery. */
  gone: boolean
}

/** Somebody asked for one of the App's own checks to run again. */
export interface CheckRerequestedIntent extends Within {
  type: 'check-rerequested'
  head: HeadSha
  /** Null when all checks of the head are meant. */
  check: OwnCheckHint | null
  actor: Person
}

/** A check run of ours, as a delivery names it. */
export interface OwnCheckHint {
  id: number
  /** What we called it. */
  externalId: string
}

/** Somebody clicked a button of one of the App's own checks. */
export interface CheckButtonIntent extends Within {
  type: 'check-button'
  head: HeadSha
  check: OwnCheckHint
  /** The button's, as we gave it. */
  identifier: string
  actor: Person
}

/** A start label that was still there was taken off by somebody. */
export interface StartWithdrawnIntent {
  type: 'start-withdrawn'
  installationId: number
  repositoryId: number
  number: number
  label: string
  /** Null is the default pipeline. */
  pipeline: string | null
  actor: Person
}

/** What a delivery means: a closed list. Raw payloads stop here. */
export type Intent =
  | StartIntent
  | CommentIntent
  | PullChangedIntent
  | ReviewsChangedIntent
  | ChecksChangedIntent
  | DeploymentsChangedIntent
  | BranchPushedIntent
  | IssueClosedIntent
  | ConfigurationPushedIntent
  | InstallationChangedIntent
  | RepositoryChangedIntent
  | CheckRerequestedIntent
  | CheckButtonIntent
  | StartWithdrawnIntent
export type IntentOf<T extends Intent['type']> = Extract<Intent, { type: T }>
