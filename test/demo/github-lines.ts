/** What happens on the local GitHub, as lines of the story: each thing once. */
import type { LocalGitHub } from '../github/local-github.ts'
import { failingTest } from './failing-test.ts'
import type { Line } from './screen.ts'

const CI_APP = 'github-actions'

export interface Watched {
  github: LocalGitHub
  repositories: readonly string[]
  issue: { repository: string; number: number }
  botId: number
  /** When the demo began, in ms since the epoch. */
  startedAt: number
}

type Told = Omit<Line, 'at'>

/** Looks at GitHub each time it is called and gives what is new since the last time. */
export function createGitHubLines(watched: Watched): () => Line[] {
  const told = new Set<string>()
  return () => {
    const at = Date.now() - watched.startedAt
    return [...comments(watched), ...pulls(watched), ...checks(watched), ...merges(watched), ...closed(watched)]
      .filter(({ key }) => !told.has(key))
      .map(({ key, line }) => {
        told.add(key)
        return { at, ...line }
      })
  }
}

interface Seen {
  key: string
  line: Told
}

export const shortSha = (sha: string) => sha.slice(0, 7)

function comments({ github, issue, botId }: Watched): Seen[] {
  const where = `${issue.repository}#${issue.number}`
  return github
    .inspect()
    .comments(issue.repository, issue.number)
    .filter((comment) => comment.author.user.id === botId)
    .map((comment, index) => ({
      key: `comment ${comment.id}`,
      line: {
        mark: 'done',
        what: index === 0 ? 'Status comment posted' : 'Comment posted',
        where,
        ...(index === 0 ? { detail: 'one, edited in place from now on' } : {}),
      },
    }))
}

function pulls({ github, repositories }: Watched): Seen[] {
  const all = repositories.flatMap((repository) =>
    github
      .inspect()
      .pulls(repository)
      .map((pull) => ({ repository, ...pull })),
  )
  const opened = all.map(
    ({ repository, issue, pull }): Seen => ({
      key: `pull ${repository} ${issue.number}`,
      line: {
        mark: 'done',
        what: pull.draft ? 'Draft pull request opened' : 'Pull request opened',
        where: `${repository}#${issue.number}`,
        detail: `${github.url}/${repository}/pull/${issue.number}`,
      },
    }),
  )
  const names = all.map(({ repository, issue }) => `${repository}#${issue.number}`)
  const linked =
    all.length > 1 &&
    all.every(({ issue }, index) => names.every((name, other) => other === index || mentions(issue.body ?? '', name)))
  const link: Seen = {
    key: 'linked',
    line: { mark: 'done', what: 'Pull requests link each other', detail: names.join(', ') },
  }
  return linked ? [...opened, link] : opened
}

/** Whether a body has a link to that pull request. */
function mentions(body: string, name: string): boolean {
  const [repository = '', number = ''] = name.split('#')
  return body.includes(name) || body.includes(`${repository}/pull/${number}`)
}

function checks({ github, repositories }: Watched): Seen[] {
  return repositories.flatMap((repository) => {
    const { checkRuns, defaultBranch } = github.inspect().repository(repository)
    return [...checkRuns.values()]
      .filter((run) => run.suite.app.slug === CI_APP && run.suite.headBranch !== defaultBranch && run.conclusion !== null)
      .map((run): Seen => {
        const green = run.conclusion === 'success'
        return {
          key: `check ${run.id}`,
          line: {
            mark: green ? 'done' : 'bad',
            what: green ? 'CI is green' : 'CI is red',
            where: repository,
            detail: `${run.output.title ?? run.name}, at ${shortSha(run.headSha)}`,
            more: green ? [] : failingTest(run.log),
          },
        }
      })
  })
}

function merges({ github, repositories }: Watched): Seen[] {
  return repositories.flatMap((repository) =>
    github
      .inspect()
      .pulls(repository)
      .flatMap(({ issue: { number }, pull }): Seen[] => {
        if (pull.merged === null) return []
        const detail = `at its head ${shortSha(pull.headSha)}, into ${pull.baseRef} as ${shortSha(pull.merged.sha)}`
        return [
          {
            key: `merged ${repository} ${number}`,
            line: { mark: 'done', what: 'Merged', where: `${repository}#${number}`, detail },
          },
        ]
      }),
  )
}

function closed({ github, issue: { repository, number } }: Watched): Seen[] {
  const issue = github.inspect().issue(repository, number)
  if (issue.state !== 'closed') return []
  const detail = `as ${issue.stateReason ?? 'closed'}, by ${issue.closedBy?.login ?? 'somebody'}`
  return [{ key: 'closed', line: { mark: 'done', what: 'Issue closed', where: `${repository}#${number}`, detail } }]
}
