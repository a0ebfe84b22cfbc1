import { ask, askOrNull } from './errors.ts'
import { fullNameOf, type Octokit, type Repository } from './octokit.ts'

/** An issue, or the issue side of a pull request. */
export interface Issue {
  number: number
  /** `pull` when the number is a pull request's. */
  thread: 'issue' | 'pull'
  title: string
  body: string
  url: string
  state: 'open' | 'closed'
  author: string
  /** Null for an account that is gone. */
  authorId: number | null
  authorIsBot: boolean
  labels: string[]
  /** Who closed it; null while it is open, and where that account is gone. */
  closedBy: { login: string; id: number } | null
}

/** Reads an issue; null where there is none. */
export async function getIssue(octokit: Octokit, repository: Repository, number: number): Promise<Issue | null> {
  return askOrNull(`read issue ${number} of ${fullNameOf(repository)}`, async () => {
    const { data } = await octokit.rest.issues.get({ ...repository, issue_number: number })
    return {
      number: data.number,
      thread: data.pull_request === undefined ? 'issue' : 'pull',
      title: data.title,
      body: data.body ?? '',
      url: data.html_url,
      state: data.state === 'closed' ? 'closed' : 'open',
      author: data.user?.login ?? 'ghost',
      authorId: data.user?.id ?? null,
      authorIsBot: data.user !== null && data.user.type !== 'User',
      labels: data.labels.map((label) => (typeof label === 'string' ? label : (label.name ?? ''))),
      closedBy: data.closed_by ? { login: data.closed_by.login, id: data.closed_by.id } : null,
    }
  })
}

/** Closes an issue; closing a closed one changes nothing. */
export async function closeIssue(
  octokit: Octokit,
  repository: Repository,
  number: number,
  reason: 'completed' | 'not_planned',
): Promise<void> {
  await ask(`close issue ${number} of ${fullNameOf(repository)}`, () =>
    octokit.rest.issues.update({ ...repository, issue_number: number, state: 'closed', state_reason: reason }),
  )
}
