/** What a task's text links: issues and pull requests of the run's own repositories, by people who may write there (STP-18). */
import type { Logger } from 'pino'
import { failureOf } from '../../contract/failure.ts'
import { createTrust } from '../../effects/review-trust.ts'
import { getIssue } from '../../github/issues.ts'
import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import type { Task } from '../../pipeline/task.ts'
import { type Mention, mentionsIn } from './mentions.ts'

/** Most of them; whatever is mentioned after these is not looked up. */
const LINKED_MAX = 10
/** So many mentions are looked through for those of the run's repositories. */
const MENTIONS_MAX = 100
const BODY_MAX = 20_000
const TITLE_MAX = 1_000

type Linked = Task['linked'][number]

/**
 * Reads what the text mentions, as it is now. Anything else than a yes leaves it out: another repository than the run's,
 * an author who may not write there, or has no role to go by, an error; but for a rate limit, which passes.
 *
 * @throws GitHubError `rate-limit`
 */
export async function linkedOf(
  { octokit, log }: { octokit: Octokit; log: Logger },
  task: Pick<Task, 'repository' | 'number' | 'url' | 'body'>,
  repositories: readonly string[],
): Promise<Linked[]> {
  const serverUrl = new URL(task.url).origin
  const mentions = mentionsIn(task.body, { repository: task.repository, serverUrl }, MENTIONS_MAX)
    .flatMap(({ repository, number }) => {
      const own = repositories.find((name) => same(name, repository))
      return own === undefined || (own === task.repository && number === task.number) ? [] : [{ repository: own, number }]
    })
    .slice(0, LINKED_MAX)
  const trusts = new Map(mentions.map(({ repository }) => [repository, createTrust(octokit, repositoryOf(repository), log)]))
  const read = await Promise.all(
    mentions.map(async (mention) => {
      try {
        return await readOne(octokit, mention, serverUrl, trusts.get(mention.repository) ?? (async () => false))
      } catch (error) {
        if (failureOf(error, 'api').cause === 'rate-limit') throw error
        log.info({ err: error, repo: mention.repository, issue: mention.number }, 'What is linked could not be read')
        return null
      }
    }),
  )
  return read.filter((linked) => linked !== null)
}

async function readOne(
  octokit: Octokit,
  { repository, number }: Mention,
  serverUrl: string,
  mayWrite: ReturnType<typeof createTrust>,
): Promise<Linked | null> {
  const issue = await getIssue(octokit, repositoryOf(repository), number)
  if (issue === null) return null
  // One that was transferred is answered from where it went: that may be none of the run's repositories.
  if (!issue.url.toLowerCase().startsWith(`${serverUrl}/${repository}/`.toLowerCase())) return null
  const { author: login, authorId: id, authorIsBot: bot } = issue
  if (!(await mayWrite({ login, id, bot }))) return null
  return { url: issue.url, title: issue.title.slice(0, TITLE_MAX), body: issue.body.slice(0, BODY_MAX), by: login }
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
