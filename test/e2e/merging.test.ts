/** A change set over two repositories: opened, shown, and merged by a person, provider first. */
import { expect, test } from 'vitest'
import { pipeline, repository } from './repositories.ts'
import { APPROVES, call, change, done, plan } from './script.ts'
import { useSwitchyard } from './use-switchyard.ts'
import { isRead } from './what-is-read.ts'

const APP = 'acme__app'
const LIB = 'acme__lib'
const STAGES = ['switchyard / change set', 'switchyard / ci', 'switchyard / code', 'switchyard / plan', 'switchyard / review']

const yard = useSwitchyard({
  repositories: [
    repository('app', {
      pipelines: { ship: pipeline('plan', 'code', 'review', 'ci', 'merge') },
      peers: [{ repository: 'acme/lib', role: 'provider' }],
    }),
    repository('lib', null),
  ],
  script: {
    calls: [
      call('planner', '', [plan(['acme/lib', 'acme/app'])]),
      call('coder', 'Both', [...change('both.txt', 'lib\n', LIB), ...change('both.txt', 'app\n', APP), done()]),
      call('coder', 'Pushed to', [...change('pushed.txt', 'app\n', APP), done()]),
      APPROVES,
    ],
  },
})

/** The merges that were asked for, in order: repository and sha. */
function mergeCalls() {
  return yard()
    .github.inspect()
    .requests()
    .filter(({ method, route }) => method === 'PUT' && route === '/repos/{owner}/{repo}/pulls/{pull_number}/merge')
    .map(({ path, body, status }) => ({ path, sha: (body as { sha?: string }).sha, status }))
}

test('[CS-1] [CS-5] [CMD-8] [CMD-9] from label to merged: one branch name, linked pull requests, a check per stage, provider first', async () => {
  const { github, waitFor } = yard()
  const task = yard().task({ repository: 'acme/app', title: 'Both', label: 'switchyard:ship' })
  const ready = await task.until('needs you')
  await task.stateLabel('switchyard/ready')
  isRead('Merging', 'Ready to be merged', 'Reviewed and green; `merge.by` is `person`.', ready)

  const [app] = task.pulls('acme/app')
  const [lib] = task.pulls('acme/lib')
  if (app === undefined || lib === undefined) throw new Error('two pull requests were to be opened')
  expect(app.pull.headRef).toBe(lib.pull.headRef)
  await waitFor(() => [app, lib].every(({ pull }) => !pull.draft), 'the pull requests out of draft')
  await waitFor(
    () => app.issue.body?.includes('/acme/lib/pull/') && lib.issue.body?.includes('/acme/app/pull/'),
    'the descriptions brought up to date',
  )
  const appBody = app.issue.body ?? ''
  const libBody = lib.issue.body ?? ''
  expect(appBody).toContain(`/acme/lib/pull/${lib.issue.number}`)
  expect(libBody).toContain(`/acme/app/pull/${app.issue.number}`)
  expect(appBody).toMatch(new RegExp(`(Closes|Fixes) .*#${task.number}\\b`))
  expect(libBody).not.toMatch(/(Closes|Fixes|Resolves) /)
  expect(libBody).toContain(`#${task.number}`)
  isRead('Merging', 'The pull request in the consumer', 'Its description, while it waits to be merged.', appBody)
  isRead('Merging', 'The pull request in the provider', 'Its description, at the same moment.', libBody)

  const own = (name: string, sha: string) =>
    github
      .inspect()
      .checks(name, sha)
      .filter((check) => check.name.startsWith('switchyard / '))
  for (const [name, { pull }] of [
    ['acme/app', app],
    ['acme/lib', lib],
  ] as const) {
    await waitFor(() => own(name, pull.headSha).length === STAGES.length, `the checks of ${name}`)
    expect(
      own(name, pull.headSha)
        .map((check) => check.name)
        .toSorted(),
    ).toEqual(STAGES)
    await waitFor(() => own(name, pull.headSha).every(({ conclusion }) => conclusion === 'success'), `green checks in ${name}`)
  }

  task.comment('rita', '/yard merge')
  const refused = await task.reply()
  expect(refused).toContain('merging needs the *write*, *maintain* or *admin* role')
  isRead('Merging', 'Merge by somebody without rights', 'rita, who may only read, commented `/yard merge`.', refused)
  expect(mergeCalls()).toEqual([])

  const heads = [lib.pull.headSha, app.pull.headSha]
  const comment = task.comment('hubot', '/yard merge')
  const merged = await task.until('merged')
  await task.reaction(comment, 'rocket')
  await task.stateLabel('switchyard/done')
  for (const label of github.inspect().repository('acme/app').labels.values()) {
    if (label.name.startsWith('switchyard/')) expect(label.description).toMatch(/^Switchyard: /)
  }
  expect(mergeCalls()).toEqual([
    { path: expect.stringContaining(`acme/lib/pulls/${lib.issue.number}`), sha: heads[0], status: 200 },
    { path: expect.stringContaining(`acme/app/pulls/${app.issue.number}`), sha: heads[1], status: 200 },
  ])
  await waitFor(() => task.issue().state === 'closed', 'the issue closed')
  expect(merged).toContain('**Merged, in this order:**')
  const branches = async () => ({
    ...(await github.inspect().branches('acme/app')),
    ...(await github.inspect().branches('acme/lib')),
  })
  // They are deleted once the run is over.
  await expect.poll(async () => Object.keys(await branches()), { timeout: 30_000 }).toEqual(['main'])
  isRead('Merging', 'Merged', 'hubot commented `/yard merge`.', merged)
})

test('[CS-2] [CS-5] a head that somebody pushed meanwhile is reviewed and checked first, also when its webhook was lost', async () => {
  const { github, waitFor } = yard()
  const before = mergeCalls().length
  const task = yard().task({ repository: 'acme/app', title: 'Pushed to', label: 'switchyard:ship' })
  await task.until('needs you')
  await task.stateLabel('switchyard/ready')
  expect(task.pulls('acme/lib')).toEqual([])
  expect(Object.keys(await github.inspect().branches('acme/lib'))).toEqual(['main'])
  const [pull] = task.pulls('acme/app')
  const old = pull?.pull.headSha
  github.faults.deliveries({ drop: 1 })
  const pushed = await github.as('mona').push('acme/app', pull?.pull.headRef ?? '', { 'more.txt': 'more\n' }, 'Add more')
  await github.idle()
  github.faults.clear()

  task.comment('hubot', '/yard merge')
  // Both gates see the new head, and then a person is asked anew: the word to merge was for the old one.
  const reviewed = () =>
    github
      .inspect()
      .checks('acme/app', pushed)
      .find(({ name }) => name === 'switchyard / review')
  await waitFor(() => reviewed()?.conclusion === 'success', 'the review of the new head')
  await task.until('needs you')
  await task.stateLabel('switchyard/ready')
  expect(mergeCalls().slice(before)).toEqual([])
  task.comment('hubot', '/yard merge')
  await task.until('merged')
  expect(mergeCalls().slice(before)).toEqual([{ path: expect.anything(), sha: pushed, status: 200 }])
  expect(old).not.toBe(pushed)
})
