/** What GitHub, git and the store say at the end. Nothing here is what the demo believes. */
import { z } from 'zod'
import type { RunId } from '../../src/contract/ids.ts'
import type { Run } from '../../src/pipeline/model.ts'
import { shownState } from '../../src/pipeline/state.ts'
import { timeOf } from '../../src/render/stages.ts'
import { statusMarker } from '../../src/render/status-comment.ts'
import type { LocalGitHub } from '../github/local-github.ts'
import { git } from '../github/state/git.ts'
import type { Comment } from '../github/state/model.ts'
import type { PullIssue } from '../github/state/pulls.ts'

const MERGE_ROUTE = '/repos/{owner}/{repo}/pulls/{pull_number}/merge'
const MergeCall = z.object({ sha: z.string() })

/** A pull request as GitHub has it, and what became of it in git. */
export interface PullEvidence {
  repository: string
  number: number
  url: string
  title: string
  headSha: string
  /** By the store: the head whose checks were all green. */
  checkedSha: string | null
  /** GitHub's moment, to the second; null where it is not merged. */
  mergedAt: string | null
  /** The head that the merge call carried, and which of all merge calls it was, from 1. */
  call: { sha: string | null; place: number } | null
  /** The commit on the default branch whose second parent is the head. */
  mergeCommit: { sha: string; at: number } | null
  /** CI's check runs of the head, by conclusion. */
  ci: (string | null)[]
}

export interface Evidence {
  pulls: PullEvidence[]
  /** Repositories without a pull request and without a branch besides the default one. */
  untouched: string[]
  issueClosed: boolean
  statusComments: number
  /** Requests that changed something, as GitHub counted them. */
  writes: number
  stages: Stage[]
}

export interface Stage {
  step: string
  status: string
  attempts: number
  seconds: number
}

export interface Asked {
  github: LocalGitHub
  issue: { repository: string; number: number }
  run: Run | null
}

export async function gatherEvidence({ github, issue, run }: Asked, now: number): Promise<Evidence> {
  const inspect = github.inspect()
  const calls = inspect
    .requests()
    .filter(({ method, route, status }) => method === 'PUT' && route === MERGE_ROUTE && status < 300)
  const pulls: PullEvidence[] = []
  const untouched: string[] = []
  for (const name of inspect.repositories()) {
    const found = inspect.pulls(name)
    const branches = Object.keys(await inspect.branches(name))
    if (found.length === 0 && branches.length === 1) untouched.push(name)
    for (const pull of found) pulls.push(await pullEvidence(github, name, pull, calls, run))
  }
  const order = run?.mergeOrder.map((leg) => leg.replace('__', '/')) ?? []
  return {
    pulls: pulls.toSorted((a, b) => order.indexOf(a.repository) - order.indexOf(b.repository)),
    untouched,
    issueClosed: inspect.issue(issue.repository, issue.number).state === 'closed',
    statusComments: inspect
      .comments(issue.repository, issue.number)
      .filter(({ body }) => run !== null && body.startsWith(statusMarker(run.id))).length,
    writes: inspect.writeCount(),
    stages: run === null ? [] : stagesOf(run, now),
  }
}

async function pullEvidence(
  github: LocalGitHub,
  repository: string,
  { issue, pull }: PullIssue,
  calls: ReturnType<ReturnType<LocalGitHub['inspect']>['requests']>,
  run: Run | null,
): Promise<PullEvidence> {
  const inspect = github.inspect()
  const place = calls.findIndex(({ path }) => path.split('?')[0] === `/repos/${repository}/pulls/${issue.number}/merge`)
  const body = MergeCall.safeParse(calls[place]?.body)
  return {
    repository,
    number: issue.number,
    url: `${github.url}/${repository}/pull/${issue.number}`,
    title: issue.title,
    headSha: pull.headSha,
    checkedSha: run?.legs.find((leg) => leg.repository === repository)?.checkedSha ?? null,
    mergedAt: pull.merged?.at ?? null,
    call: place === -1 ? null : { sha: body.success ? body.data.sha : null, place: place + 1 },
    mergeCommit: await mergeOf(inspect.repository(repository), pull.headSha),
    ci: inspect
      .checks(repository, pull.headSha)
      .filter(({ suite }) => suite.app.slug === 'github-actions')
      .map(({ conclusion }) => conclusion),
  }
}

/** The run's status comment as it is now. */
export function statusCommentOf(
  github: LocalGitHub,
  issue: { repository: string; number: number },
  botId: number,
  run: RunId,
): Comment | null {
  const comments = github.inspect().comments(issue.repository, issue.number)
  return comments.find(({ author, body }) => author.user.id === botId && body.startsWith(statusMarker(run))) ?? null
}

/** The commit of the default branch that merged this head, by git's own history. */
async function mergeOf(repository: { dir: string; defaultBranch: string }, head: string): Promise<PullEvidence['mergeCommit']> {
  const log = await git(repository.dir, ['log', '--merges', '--format=%H %ct %P', repository.defaultBranch])
  for (const line of log.trim().split('\n')) {
    const [sha = '', seconds = '', , second] = line.split(' ')
    if (second === head) return { sha, at: Number(seconds) }
  }
  return null
}

function stagesOf(run: Run, now: number): Stage[] {
  return run.steps
    .filter((step) => step.config.enabled)
    .map((step) => ({
      step: step.id,
      status: step.status.state,
      attempts: step.epoch,
      seconds: tenths(timeOf(step, now)),
    }))
}

/** Milliseconds as seconds with one decimal. */
export function tenths(ms: number): number {
  return Math.round(ms / 100) / 10
}

/** The object that `--json` ends with. */
export function resultOf(asked: Asked, evidence: Evidence, seconds: number) {
  const { issue, run } = asked
  return {
    issue: `${issue.repository}#${issue.number}`,
    run: run?.id ?? null,
    pipeline: run?.pipeline ?? null,
    status: run === null ? null : shownState(run),
    pullRequests: evidence.pulls.map(({ repository, number, mergedAt, headSha, checkedSha }) => ({
      repository,
      number,
      merged: mergedAt !== null,
      mergedAt,
      headSha,
      checkedSha,
    })),
    untouched: evidence.untouched,
    stages: evidence.stages,
    githubWrites: evidence.writes,
    seconds,
  }
}
