import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { examplePayloads } from '../../test/webhooks/examples.ts'
import { INTERPRETERS, interpret } from './interpret.ts'

const CONTEXT = { appId: 4711, labels: { start: 'switchyard', pipelines: {} } }
const SHA = 'a'.repeat(40)

const sender = { login: 'ada', id: 11, type: 'User' }
const base = {
  installation: { id: 5 },
  repository: { id: 7, full_name: 'acme/api', default_branch: 'main', clone_url: 'https://github.test/acme/api.git' },
  sender,
}
const repository = { id: 7, fullName: 'acme/api', defaultBranch: 'main', cloneUrl: 'https://github.test/acme/api.git' }
const issue = {
  number: 3,
  title: 'A title',
  body: null,
  html_url: 'https://github.test/acme/api/issues/3',
  state: 'open',
  user: { login: 'eve' },
}
const hint = { title: 'A title', body: '', url: issue.html_url, author: 'eve', state: 'open' }
const pull = {
  number: 8,
  node_id: 'PR_8',
  html_url: 'https://github.test/acme/api/pull/8',
  state: 'closed',
  draft: false,
  merged_at: '2026-01-02T03:04:05Z',
  merge_commit_sha: 'b'.repeat(40),
  head: { ref: 'switchyard/x', sha: SHA },
}

describe('interpreting deliveries', () => {
  it('[ING-8] takes every example payload without an error, and understands those of its events', () => {
    const understood = new Set<string>()
    for (const { event, payload } of examplePayloads()) {
      // The examples are of a webhook; an App's deliveries name the installation as well.
      const withInstallation = { installation: { id: 5 }, ...payload }
      expect(() => interpret({ event, payload }, CONTEXT)).not.toThrow()
      if (interpret({ event, payload: withInstallation }, CONTEXT).length > 0) understood.add(event)
    }
    // No example has our start label, so `issues` is understood by its closing.
    expect(understood).toEqual(new Set(INTERPRETERS.keys()))
  })

  it('[ING-8] ignores whatever else comes, without an error', () => {
    const names = fc.oneof(fc.constantFrom(...INTERPRETERS.keys()), fc.string())
    const fields = fc.constantFrom('action', 'issue', 'comment', 'label', 'check_run', 'ref', 'commits', 'sender')
    const payloads = fc.oneof(
      fc.anything(),
      fc.dictionary(fields, fc.anything()).map((odd) => ({ ...base, ...odd })),
    )
    fc.assert(
      fc.property(names, payloads, (event, payload) => {
        expect(Array.isArray(interpret({ event, payload }, CONTEXT))).toBe(true)
      }),
    )
  })

  it('takes a start label, with or without a pipeline, and no other label', () => {
    const labeled = (name: string) =>
      interpret({ event: 'issues', payload: { ...base, action: 'labeled', issue, label: { name } } }, CONTEXT)
    const start = { type: 'start', installationId: 5, repository, thread: 'issue', number: 3, issue: hint, actor: sender }
    expect(labeled('switchyard')).toEqual([{ ...start, label: 'switchyard', pipeline: null }])
    expect(labeled('switchyard:quick')).toEqual([{ ...start, label: 'switchyard:quick', pipeline: 'quick' }])
    // GitHub has one label of a name, whatever its case.
    expect(labeled('Switchyard:Quick')).toMatchObject([{ type: 'start', pipeline: 'Quick' }])
    for (const other of ['switchyard/working', 'switchyard:', 'switchyards', 'bug']) expect(labeled(other)).toEqual([])
  })

  it('takes a start label on a pull request', () => {
    const payload = { ...base, action: 'labeled', pull_request: { ...issue, number: 8 }, label: { name: 'yard' } }
    const [start] = interpret(
      { event: 'pull_request', payload },
      { ...CONTEXT, labels: { start: 'yard', pipelines: { bugfix: 'Mend it' } } },
    )
    expect(start).toMatchObject({ type: 'start', thread: 'pull', number: 8, pipeline: null })
  })

  it('[CFG-3] takes the labels that the configuration names, and those only', () => {
    const labels = { start: 'yard', pipelines: { bugfix: 'Mend it', explain: 'what if' } }
    const of = (name: string, action = 'labeled') =>
      interpret({ event: 'issues', payload: { ...base, action, issue, label: { name } } }, { ...CONTEXT, labels }).map(
        (intent) => [intent.type, 'pipeline' in intent ? intent.pipeline : undefined],
      )
    expect(of('mend it')).toEqual([['start', 'bugfix']])
    expect(of('what if')).toEqual([['start', 'explain']])
    expect(of('yard:quick')).toEqual([['start', 'quick']])
    expect(of('Mend it', 'unlabeled')).toEqual([['start-withdrawn', 'bugfix']])
    for (const other of ['switchyard', 'switchyard:quick', 'bugfix', 'mend']) expect(of(other)).toEqual([])
  })

  it('tells a new comment from an edit, and the author from the one who edited', () => {
    const bot = { login: 'switchyard[bot]', id: 99, type: 'Bot' }
    const comment = { id: 70, body: '- [x] approve', user: bot }
    const of = (more: object) => interpret({ event: 'issue_comment', payload: { ...base, issue, comment, ...more } }, CONTEXT)
    const intent = {
      type: 'comment',
      thread: 'issue',
      number: 3,
      commentId: 70,
      body: '- [x] approve',
      author: bot,
      actor: sender,
    }
    expect(of({ action: 'created' })).toMatchObject([{ ...intent, bodyBefore: null }])
    const changes = { body: { from: '- [ ] approve' } }
    expect(of({ action: 'edited', changes })).toMatchObject([{ ...intent, bodyBefore: '- [ ] approve' }])
    expect(of({ action: 'edited', changes: {} })).toEqual([])
    expect(of({ action: 'deleted' })).toEqual([])
    const onPull = { ...issue, pull_request: { url: 'https://github.test' } }
    expect(of({ action: 'created', issue: onPull })).toMatchObject([{ thread: 'pull' }])
  })

  it('tells a merged pull request from a closed one', () => {
    const of = (more: object) =>
      interpret({ event: 'pull_request', payload: { ...base, action: 'closed', pull_request: { ...pull, ...more } } }, CONTEXT)
    expect(of({})).toMatchObject([{ type: 'pull-changed', state: 'merged', merged: true, mergeSha: 'b'.repeat(40), head: SHA }])
    expect(of({ merged_at: null })).toMatchObject([{ state: 'closed', merged: false, mergedAt: null, mergeSha: null }])
  })

  it('takes a review as a hint that the pull request changed', () => {
    const payload = { ...base, action: 'submitted', pull_request: { ...pull, state: 'open', merged_at: null } }
    const [changed] = interpret({ event: 'pull_request_review', payload }, CONTEXT)
    expect(changed).toMatchObject({ type: 'pull-changed', number: 8, state: 'open' })
  })

  it('takes everything about a review as the same hint', () => {
    const hint = { type: 'reviews-changed', installationId: 5, repositoryId: 7, number: 8 }
    const of = (event: string, action: string) =>
      interpret({ event, payload: { ...base, action, pull_request: { ...pull, state: 'open', merged_at: null } } }, CONTEXT)
    const hinted = [
      ['pull_request_review', 'edited'],
      ['pull_request_review_comment', 'created'],
      ['pull_request_review_comment', 'edited'],
      ['pull_request_review_comment', 'deleted'],
      ['pull_request_review_thread', 'resolved'],
      ['pull_request_review_thread', 'unresolved'],
    ] as const
    for (const [event, action] of hinted) expect(of(event, action)).toEqual([hint])
    for (const action of ['submitted', 'dismissed']) expect(of('pull_request_review', action)).toContainEqual(hint)
    expect(of('pull_request_review_comment', 'unheard_of')).toEqual([])
  })

  it('takes what a merge queue and auto-merge do as a hint that the pull request changed', () => {
    for (const action of ['enqueued', 'dequeued', 'auto_merge_enabled', 'auto_merge_disabled']) {
      const payload = { ...base, action, pull_request: { ...pull, state: 'open', merged_at: null } }
      expect(interpret({ event: 'pull_request', payload }, CONTEXT)).toMatchObject([{ type: 'pull-changed', number: 8 }])
    }
  })

  it('takes every kind of check as the same hint', () => {
    const hints = [
      ['check_run', { action: 'completed', check_run: { head_sha: SHA, app: { id: 1 } } }],
      ['check_suite', { action: 'completed', check_suite: { head_sha: SHA, app: { id: 1 } } }],
      ['status', { sha: SHA }],
      ['workflow_run', { action: 'completed', workflow_run: { head_sha: SHA } }],
    ] as const
    const hint = { type: 'checks-changed', installationId: 5, repositoryId: 7, head: SHA }
    for (const [event, payload] of hints)
      expect(interpret({ event, payload: { ...base, ...payload } }, CONTEXT)).toEqual([hint])
  })

  it('takes a deployment, and each word on how it goes, as the same hint', () => {
    const payload = { ...base, action: 'created', deployment: { sha: SHA, environment: 'preview' }, deployment_status: {} }
    const hint = { type: 'deployments-changed', installationId: 5, repositoryId: 7, sha: SHA }
    for (const event of ['deployment', 'deployment_status']) expect(interpret({ event, payload }, CONTEXT)).toEqual([hint])
  })

  it('takes the wish to run its own checks again, and nothing else of its own checks', () => {
    const check_run = { id: 7, head_sha: SHA, external_id: 'run-step', app: { id: CONTEXT.appId } }
    const of = (action: string) => interpret({ event: 'check_run', payload: { ...base, action, check_run } }, CONTEXT)
    const check = { id: 7, externalId: 'run-step' }
    const wish = { type: 'check-rerequested', installationId: 5, repository, head: SHA, check, actor: sender }
    expect(of('rerequested')).toEqual([wish])
    expect(of('completed')).toEqual([])
    const clicked = { ...base, action: 'requested_action', check_run, requested_action: { identifier: 'retry' } }
    const button = { ...wish, type: 'check-button', identifier: 'retry' }
    expect(interpret({ event: 'check_run', payload: clicked }, CONTEXT)).toEqual([button])
    expect(of('requested_action')).toEqual([])
    const check_suite = { head_sha: SHA, app: { id: CONTEXT.appId } }
    const payload = { ...base, action: 'rerequested', check_suite }
    expect(interpret({ event: 'check_suite', payload }, CONTEXT)).toEqual([{ ...wish, check: null }])
  })

  it('takes a push, and says when it touched the configuration on the default branch', () => {
    const commit = (path: string) => ({ added: [], modified: [path], removed: [] })
    const of = (ref: string, path: string, more: object = {}) =>
      interpret({ event: 'push', payload: { ...base, ref, after: SHA, commits: [commit(path)], ...more } }, CONTEXT)
    const pushed = {
      type: 'branch-pushed',
      installationId: 5,
      repositoryId: 7,
      branch: 'main',
      head: SHA,
      forced: false,
      by: sender,
    }
    const file = '.github/switchyard.yml'
    expect(of('refs/heads/main', 'README.md')).toEqual([pushed])
    expect(of('refs/heads/main', file)).toMatchObject([pushed, { type: 'configuration-pushed', repository, head: SHA }])
    expect(of('refs/heads/a/b', file)).toEqual([{ ...pushed, branch: 'a/b' }])
    expect(of('refs/tags/v1', file)).toEqual([])
    const gone = { after: '0'.repeat(40), deleted: true }
    expect(of('refs/heads/main', file, gone)).toEqual([{ ...pushed, head: null }])
  })

  it('takes what happens to issues and installations', () => {
    const closed = interpret({ event: 'issues', payload: { ...base, action: 'closed', issue } }, CONTEXT)
    expect(closed).toEqual([
      { type: 'issue-closed', installationId: 5, repositoryId: 7, number: 3, how: 'closed', actor: sender },
    ])
    const repositories = [{ id: 7, full_name: 'acme/api' }]
    const suspended = { action: 'suspend', installation: { id: 5 }, sender }
    expect(interpret({ event: 'installation', payload: suspended }, CONTEXT)).toMatchObject([
      { what: 'suspended', repositories: [] },
    ])
    const removed = { action: 'removed', installation: { id: 5 }, repositories_removed: repositories, sender }
    expect(interpret({ event: 'installation_repositories', payload: removed }, CONTEXT)).toMatchObject([
      { what: 'repositories-removed', repositories: [{ id: 7, fullName: 'acme/api' }] },
    ])
  })
})
