import { afterAll, beforeAll, expect, test } from 'vitest'
import { AT, type Fixture, startFixture } from './fixture.ts'
import { routes } from './rest/routes.ts'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture({
    ci: true,
    repository: {
      files: {
        'README.md': '# Shop\n',
        'docs/one.md': 'one\n',
        '.github/workflows/ci.yml': 'name: CI\non: [push]\njobs: {}\n',
      },
      ci: [{ name: 'test', command: ['true'] }],
    },
  })
})

afterAll(() => fixture.stop())

test('every operation served is answered, and every event sent, as GitHub describes it', async () => {
  await apps()
  const { head, issueNumber } = await gitAndIssues()
  await pulls(head)
  await queues()
  await checks(head)
  await deployments(head)
  await people(issueNumber)
  const { github } = fixture
  await github.idle()
  expect(github.inspect().violations()).toEqual([])

  const answered = new Set(
    github
      .inspect()
      .requests()
      .filter((request) => request.status < 400)
      .map((request) => `${request.method} ${request.route}`),
  )
  const missed = routes.map((route) => `${route.method} ${route.path}`).filter((name) => !answered.has(name))
  expect(missed).toEqual([])

  const sent = new Set(
    github
      .inspect()
      .deliveries()
      .map(({ event, action }) => (action === null ? event : `${event}.${action}`)),
  )
  expect([...sent].sort()).toEqual(EVERY_EVENT)
}, 60_000)

const EVERY_EVENT = [
  'check_run.completed',
  'check_run.created',
  'check_run.requested_action',
  'check_run.rerequested',
  'check_suite.completed',
  'check_suite.requested',
  'check_suite.rerequested',
  'create',
  'delete',
  'deployment.created',
  'deployment_status.created',
  'installation.created',
  'installation.deleted',
  'installation.suspend',
  'installation.unsuspend',
  'installation_repositories.added',
  'installation_repositories.removed',
  'issue_comment.created',
  'issue_comment.deleted',
  'issue_comment.edited',
  'issues.closed',
  'issues.edited',
  'issues.labeled',
  'issues.opened',
  'issues.reopened',
  'issues.unlabeled',
  'merge_group.checks_requested',
  'merge_group.destroyed',
  'ping',
  'pull_request.auto_merge_disabled',
  'pull_request.auto_merge_enabled',
  'pull_request.closed',
  'pull_request.converted_to_draft',
  'pull_request.dequeued',
  'pull_request.edited',
  'pull_request.enqueued',
  'pull_request.labeled',
  'pull_request.opened',
  'pull_request.ready_for_review',
  'pull_request.reopened',
  'pull_request.review_requested',
  'pull_request.synchronize',
  'pull_request.unlabeled',
  'pull_request_review.dismissed',
  'pull_request_review.edited',
  'pull_request_review.submitted',
  'pull_request_review_comment.created',
  'pull_request_review_thread.resolved',
  'pull_request_review_thread.unresolved',
  'push',
  'status',
]

async function apps() {
  // An App of its own: the published schema of deleted comments does not know that the App may subscribe to this.
  const threads = fixture.github.createApp({
    name: 'Threads',
    webhookUrl: fixture.recorder.url,
    permissions: { pull_requests: 'read', merge_queues: 'read' },
    events: ['pull_request_review_thread', 'merge_group'],
  })
  fixture.github.install(threads.appId, { account: 'acme', repositories: 'all' })

  const { github, asApp, octokit, installationId } = fixture
  await github.idle()
  await asApp.rest.apps.getAuthenticated()
  await asApp.rest.apps.listInstallations()
  await asApp.rest.apps.getInstallation({ installation_id: installationId })
  await asApp.rest.apps.getRepoInstallation(AT)
  await asApp.rest.apps.createInstallationAccessToken({ installation_id: installationId, repositories: ['shop'] })
  await asApp.rest.apps.getWebhookConfigForApp()
  const { data: deliveries } = await asApp.rest.apps.listWebhookDeliveries()
  const delivery_id = deliveries[0]?.id ?? 0
  await asApp.rest.apps.getWebhookDelivery({ delivery_id })
  await asApp.rest.apps.redeliverWebhookDelivery({ delivery_id })
  await octokit.rest.apps.listReposAccessibleToInstallation()
  await octokit.rest.users.getByUsername({ username: 'yard-test[bot]' })

  const second = github.createApp({ name: 'Second', permissions: { contents: 'read' }, events: [] })
  github.setWebhook(second.appId, fixture.recorder.url, 'x')
  const { installationId: id } = github.install(second.appId, { account: 'acme', repositories: ['shop'] })
  await github.createRepository({ owner: 'acme', name: 'extra', files: { a: 'a' }, ci: [] })
  github.changeRepositories(id, { add: ['acme/extra'] })
  github.changeRepositories(id, { remove: ['acme/extra'] })
  github.suspend(id)
  github.suspend(id, false)
  github.uninstall(id)
}

async function gitAndIssues() {
  const { octokit, github } = fixture
  const { rest } = octokit
  await rest.repos.get(AT)
  await rest.repos.getCollaboratorPermissionLevel({ ...AT, username: 'ana' })
  await rest.repos.getContent({ ...AT, path: 'README.md' })
  await rest.repos.getContent({ ...AT, path: 'docs' })
  await octokit.request('GET /repos/{owner}/{repo}/contents', AT)
  await rest.repos.getReadme(AT)
  const { data: main } = await rest.git.getRef({ ...AT, ref: 'heads/main' })
  await rest.git.createRef({ ...AT, ref: 'refs/heads/yard/made', sha: main.object.sha })
  await rest.git.listMatchingRefs({ ...AT, ref: 'heads/yard' })
  const head = await github.as('ana').push('acme/shop', 'yard/work', { 'docs/one.md': 'two\n' }, 'Change')
  await rest.git.updateRef({ ...AT, ref: 'heads/yard/made', sha: head })
  await rest.git.deleteRef({ ...AT, ref: 'heads/yard/made' })
  await rest.repos.listCommits(AT)
  await rest.repos.getCommit({ ...AT, ref: 'yard/work' })
  await rest.repos.compareCommitsWithBasehead({ ...AT, basehead: 'main...yard/work' })
  await rest.repos.listBranches(AT)
  await rest.repos.getBranch({ ...AT, branch: 'yard/work' })
  github.inspect().protect('acme/shop', 'guarded', { requiredChecks: ['test'] })
  await rest.repos.getBranchProtection({ ...AT, branch: 'guarded' })
  await rest.repos.getStatusChecksProtection({ ...AT, branch: 'guarded' })
  github.inspect().requireByRuleset('acme/shop', 'ruled', ['test'])
  await rest.repos.getBranchRules({ ...AT, branch: 'ruled' })
  await rest.actions.listRepoWorkflows(AT)

  await rest.issues.createLabel({ ...AT, name: 'yard/working', color: '00ff00', description: 'At work' })
  await rest.issues.listLabelsForRepo(AT)
  await rest.issues.getLabel({ ...AT, name: 'yard/working' })
  await rest.issues.updateLabel({ ...AT, name: 'yard/working', color: '0000ff' })
  const { data: issue } = await rest.issues.create({ ...AT, title: 'One', body: 'b', labels: ['first'], assignees: ['ana'] })
  const issue_number = issue.number
  await rest.issues.listForRepo({ ...AT, state: 'all' })
  await rest.issues.get({ ...AT, issue_number })
  await rest.issues.update({ ...AT, issue_number, title: 'Two', state: 'closed', state_reason: 'not_planned' })
  await rest.issues.update({ ...AT, issue_number, state: 'open' })
  await rest.issues.listLabelsOnIssue({ ...AT, issue_number })
  await rest.issues.addLabels({ ...AT, issue_number, labels: ['yard/working'] })
  await rest.issues.setLabels({ ...AT, issue_number, labels: ['other', 'first'] })
  await rest.issues.removeLabel({ ...AT, issue_number, name: 'other' })
  await rest.issues.deleteLabel({ ...AT, name: 'yard/working' })

  const { data: comment } = await rest.issues.createComment({ ...AT, issue_number, body: 'hello' })
  const comment_id = comment.id
  await rest.issues.listComments({ ...AT, issue_number })
  await rest.issues.listCommentsForRepo(AT)
  await rest.issues.getComment({ ...AT, comment_id })
  await rest.issues.updateComment({ ...AT, comment_id, body: 'hello again' })
  const { data: first } = await rest.reactions.createForIssue({ ...AT, issue_number, content: 'eyes' })
  await rest.reactions.listForIssue({ ...AT, issue_number })
  await rest.reactions.deleteForIssue({ ...AT, issue_number, reaction_id: first.id })
  const { data: second } = await rest.reactions.createForIssueComment({ ...AT, comment_id, content: 'rocket' })
  await rest.reactions.listForIssueComment({ ...AT, comment_id })
  await rest.reactions.deleteForIssueComment({ ...AT, comment_id, reaction_id: second.id })
  await rest.issues.deleteComment({ ...AT, comment_id })
  return { head, issueNumber: issue_number }
}

async function pulls(head: string) {
  const { octokit, github } = fixture
  const { rest } = octokit
  const ana = github.as('ana')
  const { data: made } = await rest.pulls.create({
    ...AT,
    title: 'Work',
    body: 'b',
    head: 'yard/work',
    base: 'main',
    draft: true,
  })
  const pull_number = made.number
  await rest.pulls.list({ ...AT, head: 'acme:yard/work' })
  await rest.pulls.get({ ...AT, pull_number })
  await rest.pulls.update({ ...AT, pull_number, body: 'c' })
  await rest.pulls.update({ ...AT, pull_number, state: 'closed' })
  await rest.pulls.update({ ...AT, pull_number, state: 'open' })
  await rest.issues.get({ ...AT, issue_number: pull_number })
  await rest.issues.addLabels({ ...AT, issue_number: pull_number, labels: ['on-pull'] })
  await rest.issues.removeLabel({ ...AT, issue_number: pull_number, name: 'on-pull' })
  await rest.pulls.listFiles({ ...AT, pull_number })
  await rest.pulls.listCommits({ ...AT, pull_number })
  await rest.pulls.requestReviewers({ ...AT, pull_number, reviewers: ['ana'] })
  await rest.pulls.listRequestedReviewers({ ...AT, pull_number })
  await rest.pulls.createReview({
    ...AT,
    pull_number,
    event: 'COMMENT',
    body: 'seen',
    comments: [{ path: 'docs/one.md', line: 1, body: 'why?' }],
  })
  await rest.pulls.listReviews({ ...AT, pull_number })
  const { data: comments } = await rest.pulls.listReviewComments({ ...AT, pull_number })
  const comment_id = comments[0]?.id ?? 0
  await rest.pulls.createReviewComment({ ...AT, pull_number, commit_id: head, path: 'docs/one.md', line: 1, body: 'and?' })
  await rest.pulls.createReplyForReviewComment({ ...AT, pull_number, comment_id, body: 'because' })
  await rest.pulls.getReviewComment({ ...AT, comment_id })
  await rest.reactions.createForPullRequestReviewComment({ ...AT, comment_id, content: 'rocket' })
  await ana.review('acme/shop', pull_number, { event: 'APPROVE' })
  const { id: review_id } = await ana.review('acme/shop', pull_number, { event: 'REQUEST_CHANGES', body: 'no' })
  ana.editReview('acme/shop', pull_number, review_id, 'no, and why')
  await rest.pulls.dismissReview({ ...AT, pull_number, review_id, message: 'settled' })

  const ready =
    'mutation ($id: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } } }'
  await octokit.graphql(ready, { id: made.node_id })
  const draft = 'mutation ($id: ID!) { convertPullRequestToDraft(input: { pullRequestId: $id }) { pullRequest { isDraft } } }'
  await octokit.graphql(draft, { id: made.node_id })
  await octokit.graphql(ready, { id: made.node_id })
  const { repository } = await octokit.graphql<{ repository: { pullRequest: { reviewThreads: { nodes: { id: string }[] } } } }>(
    `query ($owner: String!, $repo: String!, $number: Int!) {
      repository(owner: $owner, name: $repo) {
        pullRequest(number: $number) { reviewThreads(first: 50) { nodes { id isResolved comments(first: 10) { nodes { body } } } } }
      }
    }`,
    { ...AT, number: pull_number },
  )
  const threadId = repository.pullRequest.reviewThreads.nodes[0]?.id
  for (const name of ['resolveReviewThread', 'unresolveReviewThread']) {
    await octokit.graphql(`mutation ($id: ID!) { ${name}(input: { threadId: $id }) { thread { isResolved } } }`, {
      id: threadId,
    })
  }
  await ana.push('acme/shop', 'yard/work', { 'docs/two.md': 'two\n' }, 'More')
  await octokit.rest.pulls.merge({ ...AT, pull_number })
  await rest.pulls.checkIfMerged({ ...AT, pull_number })
  await ana.deleteBranch('acme/shop', 'yard/work')
}

/** Auto-merge that is switched off again, a merge queue that merges, and the revert of that. */
async function queues() {
  const { octokit, github } = fixture
  const ana = github.as('ana')
  const inspect = github.inspect()
  await ana.push('acme/shop', 'queued', { 'docs/queued.md': 'q\n' }, 'Queued')
  const { data: made } = await octokit.rest.pulls.create({ ...AT, title: 'Queued', head: 'queued', base: 'main' })
  inspect.repository('acme/shop').allowAutoMerge = true
  inspect.protect('acme/shop', 'main', { requiredApprovals: 1 })
  const enable = 'mutation ($id: ID!) { enablePullRequestAutoMerge(input: { pullRequestId: $id }) { pullRequest { id } } }'
  await octokit.graphql(enable, { id: made.node_id })
  await octokit.rest.pulls.get({ ...AT, pull_number: made.number })
  const disable = 'mutation ($id: ID!) { disablePullRequestAutoMerge(input: { pullRequestId: $id }) { pullRequest { id } } }'
  await octokit.graphql(disable, { id: made.node_id })
  inspect.protect('acme/shop', 'main', null)
  inspect.queueMerges('acme/shop', 'main', 'squash')
  await octokit.graphql(
    'mutation ($id: ID!) { enqueuePullRequest(input: { pullRequestId: $id }) { mergeQueueEntry { id } } }',
    {
      id: made.node_id,
    },
  )
  await github.idle()
  inspect.queueMerges('acme/shop', 'main', null)
  await octokit.graphql(
    'mutation ($id: ID!) { revertPullRequest(input: { pullRequestId: $id, draft: true }) { revertPullRequest { number } } }',
    { id: made.node_id },
  )
}

async function checks(head: string) {
  const { octokit, github, app } = fixture
  const { rest } = octokit
  const { data: run } = await rest.checks.create({
    ...AT,
    name: 'switchyard / plan',
    head_sha: head,
    external_id: 'run-1',
    status: 'in_progress',
    actions: [{ label: 'Retry', description: 'Do it again', identifier: 'retry' }],
  })
  const check_run_id = run.id
  const annotations = [{ path: 'docs/one.md', start_line: 1, end_line: 1, annotation_level: 'warning' as const, message: 'hm' }]
  await rest.checks.update({
    ...AT,
    check_run_id,
    conclusion: 'success',
    output: { title: 'Done', summary: 'All', annotations },
  })
  await rest.checks.get({ ...AT, check_run_id })
  await rest.checks.listAnnotations({ ...AT, check_run_id })
  await rest.checks.listForRef({ ...AT, ref: head, filter: 'all' })
  const { data: suites } = await rest.checks.listSuitesForRef({ ...AT, ref: head, app_id: app.appId })
  const check_suite_id = suites.check_suites[0]?.id ?? 0
  await rest.checks.getSuite({ ...AT, check_suite_id })
  await rest.checks.listForSuite({ ...AT, check_suite_id })
  await rest.checks.rerequestRun({ ...AT, check_run_id })
  await rest.checks.rerequestSuite({ ...AT, check_suite_id })
  github.as('ana').clickCheckAction('acme/shop', check_run_id, 'retry')

  await github.idle()
  const job_id =
    github
      .inspect()
      .checks('acme/shop', head)
      .find((check) => check.name === 'test')?.id ?? 0
  await rest.actions.downloadJobLogsForWorkflowRun({ ...AT, job_id })
  await rest.actions.getJobForWorkflowRun({ ...AT, job_id })
  await rest.actions.reRunJobForWorkflowRun({ ...AT, job_id })
  await rest.actions.reRunWorkflowFailedJobs({ ...AT, run_id: await redRun() })

  await rest.repos.createCommitStatus({ ...AT, sha: head, state: 'success', context: 'outside', description: 'fine' })
  await rest.repos.listCommitStatusesForRef({ ...AT, ref: head })
  await rest.repos.getCombinedStatusForRef({ ...AT, ref: head })
}

/** A workflow run of which a job failed. */
async function redRun(): Promise<number> {
  const { github, octokit } = fixture
  const { ci } = github.inspect().repository('acme/shop')
  ci.push({ name: 'red', command: ['false'] })
  const head = await github.as('ana').push('acme/shop', 'red', { 'red.txt': 'red' }, 'Red')
  ci.pop()
  await github.idle()
  const [check] = github.inspect().checks('acme/shop', head)
  const { data } = await octokit.rest.actions.getJobForWorkflowRun({ ...AT, job_id: check?.id ?? 0 })
  return data.run_id
}

async function deployments(ref: string) {
  const { rest } = fixture.octokit
  const asked = { ...AT, ref, auto_merge: false, required_contexts: [], environment: 'preview', payload: { run: 'r1' } }
  for (const state of ['in_progress', 'success'] as const) {
    const { data } = await rest.repos.createDeployment(asked)
    if (!('id' in data)) throw new Error('no deployment was made')
    const deployment_id = data.id
    await rest.repos.getDeployment({ ...AT, deployment_id })
    const environment_url = 'https://preview.example.com'
    await rest.repos.createDeploymentStatus({ ...AT, deployment_id, state, environment_url, description: 'It goes on' })
    await rest.repos.listDeploymentStatuses({ ...AT, deployment_id })
  }
  await rest.repos.listDeployments({ ...AT, environment: 'preview' })
}

async function people(issueNumber: number) {
  const { github, asApp, installationId } = fixture
  const ana = github.as('ana')
  const comment = ana.comment('acme/shop', issueNumber, '- [ ] approve\n- [x] other')
  expect(ana.tick('acme/shop', comment.id, 'approve').body).toBe('- [x] approve\n- [x] other')
  expect(ana.toggleCheckbox('acme/shop', comment.id, 1).body).toBe('- [x] approve\n- [ ] other')
  ana.deleteComment('acme/shop', comment.id)
  const eve = github.as('eve')
  const issue = eve.openIssue('acme/shop', { title: 'Mine' })
  eve.editIssue('acme/shop', issue.number, { body: 'more' })
  expect(() => eve.label('acme/shop', issue.number, 'switchyard')).toThrow('needs the role triage')
  github.as('bo').label('acme/shop', issue.number, 'switchyard')
  github.as('bo').unlabel('acme/shop', issue.number, 'switchyard')
  eve.closeIssue('acme/shop', issue.number)
  github.createTeam({ organization: 'acme', slug: 'leads', members: ['ana'], invited: ['eve'] })
  for (const username of ['ana', 'eve'])
    await fixture.octokit.rest.teams.getMembershipForUserInOrg({ org: 'acme', team_slug: 'leads', username })
  const { data } = await asApp.rest.apps.createInstallationAccessToken({ installation_id: installationId })
  const response = await fetch(`${github.apiUrl}/installation/token`, {
    method: 'DELETE',
    headers: { authorization: `token ${data.token}` },
  })
  expect(response.status).toBe(204)
}
