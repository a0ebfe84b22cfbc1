/** What a thread came to on GitHub, without what differs from run to run: two runs that ended the same give the same. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { LocalGitHub } from '../github/local-github.ts'
import type { Comment } from '../github/state/model.ts'

const run = promisify(execFile)
const REPOSITORIES = ['acme/api', 'acme/storefront', 'acme/docs'] as const

export interface Ending {
  issue: { state: string; labels: string[]; comments: string[] }
  /** Full names, in the order in which GitHub was asked for a merge and did it. */
  merges: string[]
  repositories: Record<string, RepositoryEnding>
  /** Answers of the local GitHub, and webhooks, that break GitHub's description. */
  violations: number
}

export interface RepositoryEnding {
  pulls: { title: string; merged: boolean; comments: string[] }[]
  /** Subjects of the default branch's history, newest first. */
  history: string[]
  /** The default branch's files, each with what git calls its content; our settings, which differ from case to case, left out. */
  files: string[]
  branches: string[]
  /** Our check runs on the last head: name and conclusion. */
  checks: string[]
  /** Our check runs of one name of which a head has more than one. */
  doubledChecks: string[]
}

export async function endingOf(github: LocalGitHub, issue: number): Promise<Ending> {
  const api = github.inspect()
  const repositories = await Promise.all(
    REPOSITORIES.map(async (name) => [name, await repositoryEnding(github, name)] as const),
  )
  return {
    issue: {
      state: api.issue('acme/api', issue).state,
      labels: api.labels('acme/api', issue).toSorted(),
      comments: api.comments('acme/api', issue).map(kindOf).toSorted(),
    },
    merges: api
      .requests()
      .filter(({ route, status }) => route?.endsWith('/merge') === true && status === 200)
      .map(({ path }) => path.split('/').slice(2, 4).join('/')),
    repositories: Object.fromEntries(repositories),
    violations: api.violations().length,
  }
}

async function repositoryEnding(github: LocalGitHub, name: string): Promise<RepositoryEnding> {
  const api = github.inspect()
  const { dir, defaultBranch, checkRuns } = api.repository(name)
  const git = async (...args: string[]) => (await run('git', ['-C', dir, ...args])).stdout.trim()
  const ours = [...checkRuns.values()].filter(({ suite }) => suite.app.slug === 'switchyard')
  const head = api.pulls(name).at(-1)?.pull.headSha
  const keys = ours.map((check) => `${check.name} ${check.headSha}`)
  return {
    pulls: api.pulls(name).map(({ issue, pull }) => ({
      title: issue.title,
      merged: pull.merged !== null,
      comments: api.comments(name, issue.number).map(kindOf).toSorted(),
    })),
    history: (await git('log', '--topo-order', '--format=%s', defaultBranch)).split('\n').map(withoutIds),
    files: (await git('ls-tree', '-r', '--format=%(path) %(objectname)', defaultBranch))
      .split('\n')
      .filter((file) => !file.startsWith('.github/switchyard.yml ')),
    branches: Object.keys(await api.branches(name)),
    checks: ours
      .filter((check) => check.headSha === head)
      .map((check) => `${check.name}: ${check.conclusion}`)
      .toSorted(),
    doubledChecks: keys.filter((key, index) => keys.indexOf(key) !== index),
  }
}

/** Who wrote it and, of ours, what it is for. */
function kindOf({ author, body }: Comment): string {
  const marker = /<!-- (switchyard:[a-z]+)/.exec(body)?.[1]
  return marker === undefined ? `${author.user.login}: ${body.slice(0, 200)}` : `${author.user.login}: ${marker}`
}

/** The run's id ends its branch's name. */
function withoutIds(subject: string): string {
  return subject.replace(/(switchyard\/\S+)-[a-z0-9]{8}$/, '$1-RUN')
}
