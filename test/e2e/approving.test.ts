/** A plan waits for a person, who approves exactly what is shown. */
import { expect, test } from 'vitest'
import { pipeline, repository } from './repositories.ts'
import { call, change, done, plan } from './script.ts'
import { useSwitchyard } from './use-switchyard.ts'
import { isRead } from './what-is-read.ts'

/** More than a status comment can show. */
const LONG = Array.from({ length: 120 }, (_, index) => ({
  repository: 'acme/solo',
  path: `src/part-${index}.ts`,
  change: `Number ${index}: ${'as it should be '.repeat(40)}`,
}))

const yard = useSwitchyard({
  repositories: [
    repository('solo', { pipelines: { ask: pipeline('plan', 'approval'), build: pipeline('plan', 'approval', 'code') } }),
  ],
  script: {
    calls: [
      call('planner', 'in capitals', [plan(['acme/solo'], { summary: 'Writes the note in capitals.' })]),
      call('planner', 'Plan at length', [plan(['acme/solo'], { files: LONG })]),
      call('planner', '', [plan(['acme/solo'])]),
      // Only the text as it was when the run started has the first word; the coder fails on the edited one.
      call('coder', 'The frozen text', [...change('note.txt', 'as frozen\n'), done()], { promptLacks: 'An edited text' }),
    ],
  },
})

test('[STP-8] the plan is shown with its hash, and approved by it', async () => {
  const task = yard().task({ title: 'Approve by hash', label: 'switchyard:ask' })
  const asked = await task.until('needs you')
  await task.stateLabel('switchyard/needs-you')
  isRead('Approving a plan', 'A plan waits', 'The planner has ended; the run waits for a person.', asked)
  const comment = task.comment('hubot', `/yard approve ${await task.planHash()}`)
  await task.until('ready')
  await task.reaction(comment, 'rocket')
  expect(task.reactions(comment)).toEqual(['eyes', 'rocket'])
  expect(task.replies()).toEqual([])
  await task.stateLabel('switchyard/ready')
})

test('[STP-8] no hash and a hash that is not the current one are refused with the current one', async () => {
  const task = yard().task({ title: 'Wrong hashes', label: 'switchyard:ask' })
  await task.until('needs you')
  const hash = await task.planHash()
  const none = task.comment('hubot', '/yard approve')
  const noHash = await task.reply(1)
  await task.reaction(none, 'confused')
  expect(noHash).toContain(`\`/yard approve ${hash}\``)
  task.comment('hubot', '/yard approve 0000000')
  const stale = await task.reply(2)
  expect(stale).toContain('`0000000` is not the current plan any more')
  expect(stale).toContain(`\`/yard approve ${hash}\``)
  await task.until('needs you')
  isRead('Approving a plan', 'Approved without a hash', 'hubot commented `/yard approve`.', noHash)
  isRead('Approving a plan', 'Approved under a hash that is not the plan’s', 'hubot commented `/yard approve 0000000`.', stale)
})

test('[STP-8] a plan too long for the status comment can be read whole in comments of its own; a shorter one replaces it', async () => {
  const { github } = yard()
  const task = yard().task({ title: 'Plan at length', label: 'switchyard:ask' })
  const asked = await task.until('needs you')
  const [, id] = /\[The whole plan\]\([^)]*#issuecomment-(\d+)\)/.exec(asked) ?? []
  const whole = () =>
    github
      .inspect()
      .comments(task.repository, task.number)
      .filter(({ body }) => body.startsWith('<!-- switchyard:whole '))
  const [first] = whole()
  expect(String(first?.id)).toBe(id)
  expect(first?.body).toContain(`### Switchyard · the whole plan \`${await task.planHash()}\``)
  const all = whole()
    .map(({ body }) => body)
    .join('\n')
  for (const { path, change } of LONG) expect(all).toContain(`\`${path}\`: ${change.trim()}`)

  task.comment('hubot', '/yard changes\nWrite it in capitals, please.')
  await yard().waitFor(() => task.statusComment()?.body.includes('Writes the note in capitals.'), 'the changed plan')
  await yard().waitFor(() => whole().every(({ body }) => body.includes('What stood here was replaced')), 'the long plan gone')
  expect(await task.until('needs you')).not.toContain('The whole plan')
})

test('[STP-8] changes plans again; the old hash and the old box are void', async () => {
  const { github } = yard()
  const task = yard().task({ title: 'Changed plan', label: 'switchyard:ask' })
  await task.until('needs you')
  const old = await task.planHash()
  const oldBody = task.statusComment()?.body ?? ''
  const comment = task.comment('hubot', '/yard changes\nWrite it in capitals, please.')
  await yard().waitFor(() => task.statusComment()?.body.includes('Writes the note in capitals.'), 'the changed plan')
  await task.until('needs you')
  await task.reaction(comment, 'rocket')
  const hash = await task.planHash()
  expect(hash).not.toBe(old)
  task.comment('hubot', `/yard approve ${old}`)
  const refused = await task.reply(1)
  expect(refused).toContain(`\`${old}\` is not the current plan any more; the current one is \`${hash}\``)

  // Somebody whose page still shows the old plan ticks the old box: GitHub saves the whole old text.
  const id = task.statusComment()?.id ?? 0
  github.as('hubot').editComment(task.repository, id, oldBody.replace('- [ ] Approve', '- [x] Approve'))
  await yard().waitFor(() => task.statusComment()?.body.includes(`Approve plan \`${hash}\``), 'the status comment as it was')
  expect(task.statusComment()?.body).not.toContain('- [x]')
  await task.until('needs you')

  github.as('hubot').tick(task.repository, id, 'Approve plan')
  await task.until('ready')
})

test('[CMD-7] a box ticked by somebody without rights does nothing and is reset', async () => {
  const { github } = yard()
  const task = yard().task({ title: 'Ticked', label: 'switchyard:ask' })
  await task.until('needs you')
  const id = task.statusComment()?.id ?? 0
  // Only writers can tick a box in somebody else's comment; the role can be lost before the webhook is there.
  github.faults.pause()
  github.as('hubot').tick(task.repository, id, 'Approve plan')
  github.inspect().repository(task.repository).collaborators.set('hubot', 'triage')
  github.faults.resume()
  const reply = await task.reply()
  expect(reply).toContain('yours is *triage*')
  await yard().waitFor(() => !task.statusComment()?.body.includes('- [x]'), 'the box reset')
  await task.until('needs you')
  github.inspect().repository(task.repository).collaborators.set('hubot', 'write')
  isRead(
    'Approving a plan',
    'A box ticked by somebody without rights',
    'hubot, who lost the *write* role, ticked the box.',
    reply,
  )

  github.as('hubot').tick(task.repository, id, 'Approve plan')
  await task.until('ready')
  await yard().waitFor(() => !task.statusComment()?.body.includes('- [x]'), 'no ticked box left')
})

test('reject ends the run with who and why', async () => {
  const task = yard().task({ title: 'Rejected', label: 'switchyard:ask' })
  await task.until('needs you')
  const comment = task.comment('hubot', '/yard reject We will not do this.')
  const text = await task.until('rejected')
  await task.reaction(comment, 'rocket')
  expect(text).toContain('rejected by hubot: We will not do this.')
  expect(text).not.toContain('/yard retry')
  await task.stateLabel('switchyard/failed')
  isRead('Approving a plan', 'The plan was rejected', 'hubot commented `/yard reject We will not do this.`', text)
})

test('what was approved is the task as it was when the run started, whatever the issue says since', async () => {
  const { github } = yard()
  const task = yard().task({ title: 'Frozen', body: 'The frozen text.', label: 'switchyard:build' })
  await task.until('needs you')
  github.as('mona').editIssue(task.repository, task.number, { body: 'An edited text.' })
  task.comment('hubot', `/yard approve ${await task.planHash()}`)
  await task.until('ready')
  expect(task.pulls('acme/solo')).toHaveLength(1)
})
