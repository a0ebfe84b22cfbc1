import { readCommit } from '../state/git.ts'
import { type CheckRun, type CheckSuite, nodeId, type Repository } from '../state/model.ts'
import type { World } from '../state/world.ts'
import { appJson } from './apps.ts'
import { repositoryJson, repositoryPage, repositoryUrl } from './repositories.ts'

/** The open pull requests with this head, in the short form of check runs and suites. */
export function shortPulls(world: World, repository: Repository, sha: string) {
  const api = repositoryUrl(world, repository)
  const repo = { id: repository.id, url: api, name: repository.name }
  return [...repository.issues.values()].flatMap((issue) =>
    issue.pull === null || issue.state !== 'open' || issue.pull.headSha !== sha
      ? []
      : [
          {
            url: `${api}/pulls/${issue.number}`,
            id: issue.pull.id,
            number: issue.number,
            head: { ref: issue.pull.headRef, sha, repo },
            base: { ref: issue.pull.baseRef, sha: issue.pull.baseSha, repo },
          },
        ],
  )
}

export function checkRunJson(world: World, repository: Repository, run: CheckRun) {
  const url = `${repositoryUrl(world, repository)}/check-runs/${run.id}`
  const page = `${repositoryPage(world, repository)}/runs/${run.id}`
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('CR', run.id),
    head_sha: run.headSha,
    external_id: run.externalId,
    url,
    html_url: page,
    details_url: run.detailsUrl ?? page,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      title: run.output.title,
      summary: run.output.summary,
      text: run.output.text,
      annotations_count: run.output.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suite.id },
    app: appJson(world, run.suite.app),
    pull_requests: shortPulls(world, repository, run.headSha),
  }
}

/** A check run as its webhooks show it: with its suite. */
export function webhookCheckRunJson(world: World, repository: Repository, run: CheckRun) {
  const { suite } = run
  return {
    ...checkRunJson(world, repository, run),
    check_suite: {
      id: suite.id,
      node_id: nodeId('CS', suite.id),
      head_branch: suite.headBranch,
      head_sha: suite.headSha,
      status: suite.status,
      conclusion: suite.conclusion,
      url: `${repositoryUrl(world, repository)}/check-suites/${suite.id}`,
      before: suite.before,
      after: suite.headSha,
      pull_requests: shortPulls(world, repository, suite.headSha),
      app: appJson(world, suite.app),
      created_at: suite.createdAt,
      updated_at: suite.updatedAt,
    },
  }
}

async function suiteCore(world: World, repository: Repository, suite: CheckSuite) {
  const commit = await readCommit(repository.dir, suite.headSha)
  const url = `${repositoryUrl(world, repository)}/check-suites/${suite.id}`
  return {
    id: suite.id,
    node_id: nodeId('CS', suite.id),
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    status: suite.status,
    conclusion: suite.conclusion,
    url,
    before: suite.before,
    after: suite.headSha,
    pull_requests: shortPulls(world, repository, suite.headSha),
    app: appJson(world, suite.app),
    created_at: suite.createdAt,
    updated_at: suite.updatedAt,
    rerequestable: true,
    runs_rerequestable: true,
    latest_check_runs_count: [...repository.checkRuns.values()].filter((run) => run.suite === suite).length,
    check_runs_url: `${url}/check-runs`,
    head_commit: {
      id: commit.sha,
      tree_id: commit.tree,
      message: commit.message,
      timestamp: commit.committer.date,
      author: { name: commit.author.name, email: commit.author.email },
      committer: { name: commit.committer.name, email: commit.committer.email },
    },
  }
}

export async function checkSuiteJson(world: World, repository: Repository, suite: CheckSuite) {
  return { ...(await suiteCore(world, repository, suite)), repository: repositoryJson(world, repository) }
}

export async function webhookCheckSuiteJson(world: World, repository: Repository, suite: CheckSuite) {
  return suiteCore(world, repository, suite)
}

export function annotationsJson(world: World, repository: Repository, run: CheckRun) {
  return run.output.annotations.map((one) => ({
    path: one.path,
    start_line: one.start_line,
    end_line: one.end_line,
    start_column: null,
    end_column: null,
    annotation_level: one.annotation_level,
    title: one.title,
    message: one.message,
    raw_details: one.raw_details,
    blob_href: `${repositoryPage(world, repository)}/blob/${run.headSha}/${one.path}`,
  }))
}
