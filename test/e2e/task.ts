/** One issue as the people around it see it. */
import type { Comment, Issue, ReactionContent } from '../github/state/model.ts'
import type { PullIssue } from '../github/state/pulls.ts'
import type { Yard } from './harness.ts'

export interface TaskInput {
  title: string
  repository?: string
  body?: string
  /** Who opens it, and labels it; mona by default. */
  by?: string
  /** Put on at once; none by default. */
  label?: string
}

export interface Task {
  repository: string
  number: number
  issue(): Issue
  label(login: string, label: string): void
  comment(login: string, body: string): Comment
  /** The status comment of the newest run; null where there is none. */
  statusComment(): Comment | null
  /** Its text, waited for. */
  status(): Promise<string>
  /** Waits until the status comment's heading says this. */
  until(word: string | RegExp): Promise<string>
  /** Replies of Switchyard's, oldest first. */
  replies(): string[]
  /** Waits for as many replies and gives the last of them. */
  reply(count?: number): Promise<string>
  /** Waits for this reaction of Switchyard's at a comment. */
  reaction(comment: Comment, content: ReactionContent): Promise<void>
  reactions(comment: Comment): ReactionContent[]
  labels(): string[]
  /** The state labels it has. */
  stateLabels(): string[]
  /** Waits until it has exactly this state label. */
  stateLabel(name: string): Promise<void>
  /** The pull requests of its newest run, in all repositories. */
  pulls(repository: string): PullIssue[]
  /** The plan's hash that the status comment shows. */
  planHash(): Promise<string>
}

const STATUS = '<!-- switchyard:status '
const REPLY = '<!-- switchyard:reply '

export function openTask(
  yard: Yard,
  { title, repository = 'acme/solo', body = 'Please.', by = 'mona', label }: TaskInput,
): Task {
  const { number } = yard.github.as(by).openIssue(repository, { title, body })
  const task = taskAt(yard, { repository, number, title })
  if (label !== undefined) task.label(by, label)
  return task
}

/** An issue or a pull request that is there already. */
export function taskAt(yard: Yard, { repository, number, title }: { repository: string; number: number; title: string }): Task {
  const { github, world, waitFor } = yard
  const ours = () =>
    github
      .inspect()
      .comments(repository, number)
      .filter((comment) => comment.author.user.login === world.app.botLogin)
  const where = `${repository}#${number} (${title})`

  const task: Task = {
    repository,
    number,
    issue: () => github.inspect().issue(repository, number),
    label: (login, name) => github.as(login).label(repository, number, name),
    comment: (login, text) => github.as(login).comment(repository, number, text),
    statusComment: () => ours().findLast((comment) => comment.body.startsWith(STATUS)) ?? null,
    status: () => waitFor(() => task.statusComment()?.body, `a status comment on ${where}`),
    until: (word) =>
      waitFor(
        () => {
          const text = task.statusComment()?.body
          const heading = /^### Switchyard · (.*)$/m.exec(text ?? '')?.[1] ?? ''
          return (typeof word === 'string' ? heading === word : word.test(heading)) && text
        },
        `"${String(word)}" in the heading of the status comment on ${where}`,
      ),
    replies: () =>
      ours()
        .filter((comment) => comment.body.startsWith(REPLY))
        .map((comment) => comment.body),
    reply: (count = 1) => waitFor(() => task.replies()[count - 1], `reply ${count} on ${where}`),
    reaction: async (comment, content) => {
      await waitFor(() => task.reactions(comment).includes(content), `the reaction ${content} on ${where}: ${comment.body}`)
    },
    reactions: (comment) =>
      comment.reactions.filter(({ user }) => user.login === world.app.botLogin).map((reaction) => reaction.content),
    labels: () => github.inspect().labels(repository, number),
    stateLabels: () => task.labels().filter((name) => name.startsWith('switchyard/')),
    stateLabel: async (name) => {
      await waitFor(() => task.stateLabels().join() === name, `the state label ${name} alone on ${where}`)
    },
    pulls: (name) => {
      const run = /<!-- switchyard:status run=(\w+) /.exec(task.statusComment()?.body ?? '')?.[1]
      if (run === undefined) return []
      return github
        .inspect()
        .pulls(name)
        .filter(({ pull }) => pull.headRef.endsWith(`-${run}`))
    },
    planHash: () =>
      waitFor(
        () => /Approve plan `([0-9a-f]{7})`/.exec(task.statusComment()?.body ?? '')?.[1],
        `a plan to approve on ${where}`,
      ),
  }
  return task
}
