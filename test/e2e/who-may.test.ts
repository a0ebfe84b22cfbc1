/** Who may start, approve and merge: people, teams, code owners, and in every repository of a change set. */
import { beforeAll, expect, test } from 'vitest'
import { pipeline, repository } from './repositories.ts'
import { APPROVES, call, change, done, plan } from './script.ts'
import { taskAt } from './task.ts'
import { useSwitchyard } from './use-switchyard.ts'
import { isRead } from './what-is-read.ts'

const ask = { ask: pipeline('plan', 'approval') }
/** So many protected files, and no others of their folder. */
const protectedFiles = (count: number) => [
  {
    do: 'run' as const,
    argv: [
      'sh',
      '-c',
      `rm -rf .github/many && mkdir -p .github/many && for n in $(seq ${count}); do echo $n > .github/many/$n; done`,
    ],
    mayFail: false,
  },
  { do: 'commit' as const, message: `Write ${count} files` },
  done(`There are ${count} files.`),
]

const yard = useSwitchyard({
  repositories: [
    repository('app', {
      pipelines: {
        ship: pipeline('plan', 'approval', 'code', 'review', 'ci', 'merge'),
        alone: [...pipeline('code'), { kind: 'merge', by: 'auto' }],
      },
      peers: [{ repository: 'acme/lib', role: 'provider' }],
    }),
    repository('lib', null, { collaborators: { mona: 'admin', hubot: 'triage', rita: 'write' } }),
    repository('listed', { pipelines: ask, start: { people: ['mona', '@acme/leads'] }, approve: { people: ['@acme/leads'] } }),
    repository(
      'owned',
      { pipelines: { ...ask, hold: pipeline('code') }, approve: { codeOwners: true } },
      {
        files: { '.github/CODEOWNERS': '* @mona\n/note.txt @acme/leads note@example.com\n', CODEOWNERS: '* @hubot @rita\n' },
        collaborators: { mona: 'admin', hubot: 'write', rita: 'write' },
      },
    ),
  ],
  script: {
    calls: [
      call('planner', 'Only the app', [plan(['acme/app'])]),
      call('planner', 'Listed', [plan(['acme/listed'])]),
      call('planner', 'Owned', [plan(['acme/owned'])]),
      call('planner', 'Says no file', [plan(['acme/owned'], { files: [] })]),
      call('planner', '', [plan(['acme/lib', 'acme/app'])]),
      call('coder', 'Alone', [...change('b.txt', 'lib\n', 'acme__lib'), ...change('b.txt', 'app\n', 'acme__app'), done()]),
      call('coder', 'Many files', protectedFiles(50), { resumed: true }),
      call('coder', 'Many files', protectedFiles(51)),
      call('coder', '', [...change('a.txt', 'lib\n', 'acme__lib'), ...change('a.txt', 'app\n', 'acme__app'), done()]),
      APPROVES,
    ],
  },
})

const MEMBERSHIP = { method: 'GET', route: '/orgs/{org}/teams/{team_slug}/memberships/{username}' } as const

beforeAll(() => yard().github.createTeam({ organization: 'acme', slug: 'leads', members: ['hubot'], invited: ['mona'] }))

test('[CMD-3] who may write to one repository only neither approves nor merges for the others', async () => {
  const { github } = yard()
  const task = yard().task({ repository: 'acme/app', title: 'Both', label: 'switchyard:ship' })
  await task.until('needs you')
  const hash = await task.planHash()
  task.comment('hubot', `/yard approve ${hash}`)
  const refused = await task.reply(1)
  expect(refused).toContain('it needs the *write*, *maintain* or *admin* role in acme/lib (yours there is *triage*) too')
  isRead('Who may', 'Approved by somebody who may not write to all of it', 'hubot may write to acme/app only.', refused)
  task.comment('mona', `/yard approve ${hash}`)
  await task.until('needs you')
  await task.stateLabel('switchyard/ready')

  task.comment('hubot', '/yard merge')
  expect(await task.reply(2)).toContain('acme/lib (yours there is *triage*)')
  // On the pull request of the other repository: its own role there is not enough either.
  const [lib] = task.pulls('acme/lib')
  if (lib === undefined) throw new Error('a pull request was to be opened')
  const there = taskAt(yard(), { repository: 'acme/lib', number: lib.issue.number, title: 'lib' })
  there.comment('rita', '/yard merge')
  expect(await there.reply(1)).toContain('acme/app (yours there is *read*)')
  expect(
    github
      .inspect()
      .pulls('acme/lib')
      .every(({ pull }) => pull.merged === null),
  ).toBe(true)
  there.comment('mona', '/yard merge')
  await task.until('merged')
})

test('[CMD-3] who may write to one repository only starts nothing that merges into the others by itself', async () => {
  const task = yard().task({ repository: 'acme/app', title: 'Alone', by: 'hubot', label: 'switchyard:alone' })
  const refused = await task.reply(1)
  expect(refused).toContain('the run merges by itself: ')
  expect(refused).toContain('in acme/lib (yours there is *triage*) too')
  expect(refused).toContain('Put an `approval` step before the merge')
  expect(task.statusComment()).toBeNull()
  task.comment('hubot', '/yard explain alone')
  expect(await task.reply(2)).toContain('in acme/lib (yours there is *triage*) too')
  task.comment('mona', '/yard run alone')
  await task.until('merged')
})

test('[CMD-3] what a plan leaves out needs no role', async () => {
  const task = yard().task({ repository: 'acme/app', title: 'Only the app', label: 'switchyard:ship' })
  await task.until('needs you')
  const comment = task.comment('hubot', `/yard approve ${await task.planHash()}`)
  await task.reaction(comment, 'rocket')
  task.comment('mona', '/yard stop')
  await task.until('stopped')
})

test('[CMD-3] [CFG-3] a team may: who is in it at that moment, not who was invited, and any error is a no', async () => {
  const { github, waitFor } = yard()
  github.inspect().repository('acme/listed').collaborators.set('rita', 'write')
  const refusedStart = yard().task({ repository: 'acme/listed', title: 'Listed, by rita', by: 'rita', label: 'switchyard:ask' })
  const notStarted = await refusedStart.reply(1)
  expect(notStarted).toContain('starting and steering runs is for those whom `start.people` lists here')
  isRead('Who may', 'Somebody who is not listed starts', 'rita has the *write* role and is not listed.', notStarted)

  const task = yard().task({ repository: 'acme/listed', title: 'Listed', by: 'hubot', label: 'switchyard:ask' })
  await task.until('needs you')
  const hash = await task.planHash()
  task.comment('mona', `/yard approve ${hash}`)
  expect(await task.reply(1)).toContain('One of the team *acme/leads* may')
  github.faults.failNext(MEMBERSHIP, { status: 403, body: { message: 'Resource not accessible by integration' } })
  task.comment('hubot', `/yard approve ${hash}`)
  expect(await task.reply(2)).toContain('GitHub did not say whether you are in the team *acme/leads*')
  await task.until('needs you')
  task.comment('hubot', `/yard approve ${hash}`)
  await task.until('ready')
  await waitFor(
    () =>
      github
        .inspect()
        .requests()
        .some(({ route, status }) => route === MEMBERSHIP.route && status === 200),
    'asked',
  )
})

test('[CMD-3] [CFG-3] a plan is approved by who owns its files, by the CODEOWNERS of the base branch', async () => {
  const task = yard().task({ repository: 'acme/owned', title: 'Owned', label: 'switchyard:ask' })
  await task.until('needs you')
  const hash = await task.planHash()
  task.comment('mona', `/yard approve ${hash}`)
  const refused = await task.reply(1)
  expect(refused).toContain('you do not own `note.txt`')
  expect(refused).toContain('The team *acme/leads* or *note@example.com* may.')
  isRead('Who may', 'Approved by somebody who does not own its files', '`approve.codeOwners` is on.', refused)
  yard().github.faults.failNext(MEMBERSHIP, { status: 403, body: { message: 'Resource not accessible by integration' } })
  task.comment('hubot', `/yard approve ${hash}`)
  expect(await task.reply(2)).toContain('GitHub did not say')
  task.comment('hubot', `/yard approve ${hash}`)
  await task.until('ready')

  // An owner by e-mail is who shows that address on the profile, which GitHub has verified.
  const mailed = yard().task({ repository: 'acme/owned', title: 'Owned too', label: 'switchyard:ask' })
  await mailed.until('needs you')
  mailed.comment('rita', `/yard approve ${await mailed.planHash()}`)
  expect(await mailed.reply(1)).toContain('you do not own `note.txt`')
  yard().github.showEmail('rita', 'Note@example.com')
  mailed.comment('rita', `/yard approve ${await mailed.planHash()}`)
  await mailed.until('ready')

  const silent = yard().task({ repository: 'acme/owned', title: 'Says no file', label: 'switchyard:ask' })
  await silent.until('needs you')
  silent.comment('hubot', `/yard approve ${await silent.planHash()}`)
  expect(await silent.reply(1)).toContain('the plan names no file of acme/owned')
})

test('[CMD-3] [CFG-3] held work of which more was found than is named is approved by no owner; what is named whole, by who owns all of it', async () => {
  const { github } = yard()
  const task = yard().task({ repository: 'acme/owned', title: 'Many files', label: 'switchyard:hold' })
  const hashNow = async (unnamed: boolean) => {
    const asked = await yard().waitFor(
      () =>
        [task.statusComment()?.body ?? ''].find(
          (text) => text.includes('.github/many/') && text.includes('There are 1 more.') === unnamed,
        ),
      `the question about ${unnamed ? 51 : 50} files`,
    )
    return /approve ([0-9a-f]{7})/.exec(asked)?.[1] ?? ''
  }
  const branches = async () => Object.keys(await github.inspect().branches('acme/owned'))
  const before = await branches()
  task.comment('mona', `/yard approve ${await hashNow(true)}`)
  const refused = await task.reply(1)
  expect(refused).toContain('too much was held back for anybody to tell who owns all of it (`approve.codeOwners`)')
  expect(await branches()).toEqual(before)

  task.comment('mona', '/yard answer Fewer files, please.')
  const hash = await hashNow(false)
  task.comment('hubot', `/yard approve ${hash}`)
  expect(await task.reply(2)).toContain('what was held back is approved by those who own its files here')
  expect(await branches()).toEqual(before)
  task.comment('mona', `/yard approve ${hash}`)
  await task.until('ready')
  expect(task.statusComment()?.body).toContain('There are 50 files.')
})
