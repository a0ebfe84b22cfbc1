/** What a person does in the browser, with that person's rights; each action sends the webhooks GitHub would. */

import { enableAutoMerge } from '../state/auto-merge.ts'
import { findCheckRun, findSuite, requestAction, rerequestRun, rerequestSuite } from '../state/checks.ts'
import { createComment, deleteComment, editComment, findComment } from '../state/comments.ts'
import {
  addDeploymentStatus,
  createDeployment,
  findDeployment,
  type NewDeployment,
  type NewDeploymentStatus,
} from '../state/deployments.ts'
import type { Files } from '../state/git.ts'
import { editIssue, findIssue, openIssue, react, setIssueState } from '../state/issues.ts'
import { addLabels, removeLabel } from '../state/labels.ts'
import { deleteBranch, type MergeInput, mergePull } from '../state/merge.ts'
import { dequeue, enqueue } from '../state/merge-queue.ts'
import type {
  Account,
  Actor,
  AutoMerge,
  Comment,
  Deployment,
  Issue,
  ReactionContent,
  Repository,
  Review,
  ReviewComment,
  Role,
} from '../state/model.ts'
import { findPull, type NewPull, openPull, setDraft } from '../state/pulls.ts'
import { forkRepository, pushFiles } from '../state/repositories.ts'
import { revertPull } from '../state/revert.ts'
import { dismissReview, editReview, findReview } from '../state/review-changes.ts'
import { findThread, type NewReview, reply, setResolved, submitReview } from '../state/reviews.ts'
import { hasRole } from '../state/roles.ts'
import { findRepository, type World } from '../state/world.ts'
import { tickBox } from './tick-box.ts'

export interface Person {
  login: string
  id: number
  openIssue(repository: string, input: { title: string; body?: string; labels?: string[] }): Issue
  editIssue(repository: string, number: number, change: { title?: string; body?: string }): void
  closeIssue(repository: string, number: number, reason?: 'completed' | 'not_planned'): void
  reopenIssue(repository: string, number: number): void
  label(repository: string, number: number, ...labels: string[]): void
  unlabel(repository: string, number: number, label: string): void
  comment(repository: string, number: number, body: string): Comment
  editComment(repository: string, commentId: number, body: string): Comment
  deleteComment(repository: string, commentId: number): void
  /** Ticks a task-list box, found by its place from 0 or by words in its line. A ticked one is unticked. */
  toggleCheckbox(repository: string, commentId: number, box: number | string): Comment
  /** Ticks a box that must not be ticked yet. */
  tick(repository: string, commentId: number, label: string): Comment
  react(repository: string, commentId: number, content: ReactionContent): void
  /** Makes a copy of their own, `login/name`; a pull request from it has the head `login:branch`. */
  fork(repository: string): Promise<Repository>
  openPull(repository: string, input: NewPull): Promise<Issue>
  closePull(repository: string, number: number): void
  reopenPull(repository: string, number: number): void
  setDraft(repository: string, number: number, draft: boolean): void
  mergePull(repository: string, number: number, input?: MergeInput): Promise<string>
  review(repository: string, number: number, review: NewReview): Promise<Review>
  replyToReview(repository: string, number: number, commentId: number, body: string): ReviewComment
  editReview(repository: string, number: number, reviewId: number, body: string): void
  dismissReview(repository: string, number: number, reviewId: number): void
  resolveThread(repository: string, threadId: number): void
  /** Clicks "Enable auto-merge". */
  autoMerge(repository: string, number: number, method?: AutoMerge['method']): Promise<void>
  /** Clicks "Merge when ready": into the merge queue. */
  enqueue(repository: string, number: number): Promise<void>
  /** Clicks "Remove from queue". */
  dequeue(repository: string, number: number): Promise<void>
  /** Clicks "Revert": the pull request that takes a merged one back. */
  revertPull(repository: string, number: number): Promise<Issue>
  /** The new commit. The branch is made from the default branch when it is new; null in files deletes. */
  push(repository: string, branch: string, files: Files, message: string): Promise<string>
  deleteBranch(repository: string, branch: string): Promise<boolean>
  /** Deploys, as a person's tool does with that person's rights. */
  deploy(repository: string, input: NewDeployment): Promise<Deployment>
  /** Says how a deployment went. */
  setDeployment(repository: string, deploymentId: number, status: NewDeploymentStatus): void
  /** Clicks "re-run" on a check run. */
  rerunCheck(repository: string, checkRunId: number): void
  /** Clicks "re-run all checks" of one App's suite. */
  rerunSuite(repository: string, checkSuiteId: number): void
  /** Clicks a button of a check run. */
  clickCheckAction(repository: string, checkRunId: number, identifier: string): void
}

export function createPerson(world: World, user: Account): Person {
  const actor: Actor = { user, app: null }

  const on = (name: string, least: Role): Repository => {
    const repository = findRepository(world, name)
    if (!repository) throw new Error(`there is no repository ${name}`)
    if (!hasRole(repository, user.login, least)) throw new Error(`${user.login} needs the role ${least} in ${name}`)
    return repository
  }

  /** A person's own text may be changed by that person, other people's by whoever may write. */
  const editable = (name: string, author: Account): Repository => on(name, author.id === user.id ? 'read' : 'write')

  const changeComment = (name: string, id: number, change: (body: string) => string): Comment => {
    const comment = findComment(on(name, 'read'), id)
    const repository = editable(name, comment.author.user)
    editComment(world, repository, comment, change(comment.body), actor)
    return comment
  }

  const setState = (name: string, number: number, state: Issue['state'], reason: Issue['stateReason'] = null) => {
    const issue = findIssue(on(name, 'read'), number)
    setIssueState(world, on(name, issue.author.user.id === user.id ? 'read' : 'triage'), issue, state, reason, actor)
  }

  return {
    login: user.login,
    id: user.id,
    openIssue: (name, input) => {
      const repository = on(name, 'read')
      const issue = openIssue(world, repository, { title: input.title, body: input.body }, actor)
      if (input.labels) addLabels(world, on(name, 'triage'), issue, input.labels, actor)
      return issue
    },
    editIssue: (name, number, change) => {
      const issue = findIssue(on(name, 'read'), number)
      editIssue(world, editable(name, issue.author.user), issue, change, actor)
    },
    closeIssue: (name, number, reason = 'completed') => setState(name, number, 'closed', reason),
    reopenIssue: (name, number) => setState(name, number, 'open'),
    label: (name, number, ...labels) => {
      const repository = on(name, 'triage')
      addLabels(world, repository, findIssue(repository, number), labels, actor)
    },
    unlabel: (name, number, label) => {
      const repository = on(name, 'triage')
      removeLabel(world, repository, findIssue(repository, number), label, actor)
    },
    comment: (name, number, body) => {
      const repository = on(name, 'read')
      return createComment(world, repository, findIssue(repository, number), body, actor)
    },
    editComment: (name, id, body) => changeComment(name, id, () => body),
    deleteComment: (name, id) => {
      const comment = findComment(on(name, 'read'), id)
      deleteComment(world, editable(name, comment.author.user), comment, actor)
    },
    toggleCheckbox: (name, id, box) => changeComment(name, id, (body) => tickBox(body, box, 'toggle')),
    tick: (name, id, label) => changeComment(name, id, (body) => tickBox(body, label, 'tick')),
    react: (name, id, content) => {
      react(world, findComment(on(name, 'read'), id), content, user)
    },
    fork: (name) => forkRepository(world, on(name, 'read'), actor),
    openPull: (name, input) => openPull(world, on(name, 'read'), input, actor),
    closePull: (name, number) => setState(name, number, 'closed'),
    reopenPull: (name, number) => setState(name, number, 'open'),
    setDraft: (name, number, draft) => {
      const repository = on(name, 'write')
      setDraft(world, repository, findPull(repository, number), draft, actor)
    },
    mergePull: (name, number, input = {}) => {
      const repository = on(name, 'write')
      return mergePull(world, repository, findPull(repository, number), input, actor)
    },
    review: (name, number, review) => {
      const repository = on(name, 'read')
      return submitReview(world, repository, findPull(repository, number), review, actor)
    },
    replyToReview: (name, number, id, body) => {
      const repository = on(name, 'read')
      return reply(world, repository, findPull(repository, number), id, body, actor)
    },
    editReview: (name, number, id, body) => {
      const one = findPull(on(name, 'read'), number)
      const review = findReview(one, id)
      editReview(world, editable(name, review.author.user), one, review, body, actor)
    },
    dismissReview: (name, number, id) => {
      const repository = on(name, 'write')
      const one = findPull(repository, number)
      dismissReview(world, repository, one, findReview(one, id), actor)
    },
    autoMerge: (name, number, method = 'merge') => {
      const repository = on(name, 'write')
      const wanted = { method, expectedHead: null, title: null, message: null }
      return enableAutoMerge(world, repository, findPull(repository, number), wanted, actor)
    },
    enqueue: async (name, number) => {
      const repository = on(name, 'write')
      await enqueue(world, repository, findPull(repository, number), null, actor)
    },
    dequeue: async (name, number) => {
      const repository = on(name, 'write')
      const { pull } = findPull(repository, number)
      const queue = repository.mergeQueues.get(pull.baseRef)
      const entry = queue?.entries.find((one) => one.pull === pull)
      if (!queue || !entry) throw new Error(`${name}#${number} is in no merge queue`)
      await dequeue(world, repository, queue, entry, 'MANUAL', actor)
    },
    revertPull: (name, number) => {
      const repository = on(name, 'write')
      const wanted = { title: undefined, body: undefined, draft: false }
      return revertPull(world, repository, findPull(repository, number), wanted, actor)
    },
    resolveThread: (name, id) => {
      const repository = on(name, 'write')
      const found = findThread(repository, id)
      if (!found) throw new Error(`no thread ${id}`)
      setResolved(world, repository, found.one, found.thread, true, actor)
    },
    push: (name, branch, files, message) => pushFiles(world, on(name, 'write'), { branch, files, message }, actor),
    deleteBranch: (name, branch) => deleteBranch(world, on(name, 'write'), branch, actor),
    deploy: (name, input) => createDeployment(world, on(name, 'write'), { requiredContexts: [], ...input }, actor),
    setDeployment: (name, id, status) => {
      const repository = on(name, 'write')
      addDeploymentStatus(world, repository, findDeployment(repository, id), status, actor)
    },
    rerunCheck: (name, id) => {
      const repository = on(name, 'write')
      const run = findCheckRun(repository, id)
      if (!world.rerunCi(repository, run)) rerequestRun(world, repository, run, actor)
    },
    rerunSuite: (name, id) => {
      const repository = on(name, 'write')
      rerequestSuite(world, repository, findSuite(repository, id), actor)
    },
    clickCheckAction: (name, id, identifier) => {
      const repository = on(name, 'write')
      requestAction(world, repository, findCheckRun(repository, id), identifier, actor)
    },
  }
}
