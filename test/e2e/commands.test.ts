/** Commands in comments: which lines count, what is answered, and what runs once. */
import { expect, test } from 'vitest'
import { pipeline, repository } from './repositories.ts'
import { call, change, done, plan } from './script.ts'
import { useSwitchyard } from './use-switchyard.ts'
import { isRead } from './what-is-read.ts'

/** What an agent says it has used. */
function used(usage: Record<string, number>) {
  return { do: 'emit', event: { type: 'usage', usage } } as const
}

const yard = useSwitchyard({
  repositories: [
    repository('solo', { pipelines: { ask: pipeline('plan', 'approval'), build: pipeline('plan', 'approval', 'code') } }),
  ],
  script: {
    calls: [
      call('planner', 'Counted', [
        used({ inputTokens: 12_000, outputTokens: 345, cacheReadTokens: 50_000, costUsd: 0.25 }),
        plan(['acme/solo']),
      ]),
      call('planner', '', [plan(['acme/solo'])]),
      // This one knows its tokens, and not what they cost.
      call('coder', '', [...change('note.txt', 'counted\n'), used({ inputTokens: 1_000, outputTokens: 200 }), done()]),
    ],
  },
})

test('[CMD-4] an unknown command gets the nearest one, and a confused reaction', async () => {
  const task = yard().task({ title: 'Slip' })
  const comment = task.comment('hubot', '/yard aprove 7f3a9c1')
  const reply = await task.reply()
  await task.reaction(comment, 'confused')
  expect(task.reactions(comment)).toEqual(['eyes', 'confused'])
  expect(reply).toContain('Did you mean `/yard approve`?')
  isRead('Commands', 'An unknown command', 'hubot commented `/yard aprove 7f3a9c1`.', reply)
})

test('[CMD-2] commands in code blocks and quotes are text; several lines are several commands', async () => {
  const task = yard().task({ title: 'Quoted', label: 'switchyard:ask' })
  await task.until('needs you')
  const comment = task.comment(
    'hubot',
    '> /yard stop\n\nNo, not that.\n\n```\n/yard reject\n```\n\nBut:\n\n/yard status\n/yard help merge\n',
  )
  await task.reply(2)
  await task.reaction(comment, 'rocket')
  await yard().github.idle()
  expect(task.replies()).toHaveLength(2)
  expect(task.replies()[0]).toContain('**needs you** · **Approve the plan** to go on.')
  expect(task.replies()[1]).toContain('`/yard merge`')
  await task.until('needs you')
})

test('[CMD-2] help lists every command, status says how it stands', async () => {
  const task = yard().task({ title: 'Help', label: 'switchyard:ask' })
  await task.until('needs you')
  const help = task.comment('rita', '/yard help')
  const listed = await task.reply(1)
  await task.reaction(help, 'rocket')
  for (const verb of ['run', 'status', 'approve', 'changes', 'reject', 'retry', 'stop', 'help']) {
    expect(listed).toContain(`\`/yard ${verb}`)
  }
  task.comment('rita', '/yard status')
  const status = await task.reply(2)
  expect(status).toContain(`#issuecomment-${task.statusComment()?.id}`)
  isRead('Commands', 'Help', 'Anybody who may read comments `/yard help`.', listed)
  isRead('Commands', 'Status', '`/yard status` while a plan waits for approval.', status)
})

test('[CMD-2] cost says what each step has used, with real numbers; what nobody told is unknown, not zero', async () => {
  const task = yard().task({ title: 'Counted', label: 'switchyard:build' })
  const asked = await task.until('needs you')
  expect(asked).toContain('<sub>$0.25 · 62,345 tokens · ')
  expect(asked).toMatch(/^\| ✓\sPlan \| done · plan [0-9a-f]{7} \| [^|]+ · \$0\.25 \|$/m)
  task.comment('hubot', `/yard approve ${await task.planHash()}`)
  expect(await task.until('ready')).toContain('<sub>at least $0.25 · 63,545 tokens · ')
  task.comment('rita', '/yard cost')
  const reply = await task.reply()
  expect(reply).toContain('So far **at least $0.25** and **63,545 tokens**, in 2 jobs.')
  expect(reply).toContain('| plan | planner | 1 | 62,345 tokens | $0.25 |')
  expect(reply).toContain('| code | coder | 1 | 1,200 tokens | cost unknown |')
  isRead('Commands', 'Cost', 'rita commented `/yard cost` when the run was done.', reply)
})

test('[CMD-4] a command where no run is live says how to start one', async () => {
  const task = yard().task({ title: 'Nothing live' })
  task.comment('mona', '/yard stop')
  const reply = await task.reply()
  expect(reply).toContain('no run is live here')
  isRead('Commands', 'No run is live', 'mona commented `/yard stop` on an issue that no run was started for.', reply)
})

test('[CMD-5] an edited comment runs only what the edit added, a redelivered one runs nothing', async () => {
  const { github } = yard()
  const task = yard().task({ title: 'Edited', label: 'switchyard:ask' })
  await task.until('needs you')
  const comment = task.comment('hubot', '/yard status')
  await task.reply(1)
  github.as('hubot').editComment(task.repository, comment.id, 'How is it going?\n\n/yard status\n')
  github.as('hubot').editComment(task.repository, comment.id, 'How is it going?\n\n/yard status\n/yard help merge\n')
  await task.reply(2)
  const sent = github
    .inspect()
    .deliveries()
    .filter(({ event, payload }) => event === 'issue_comment' && payload.includes('How is it going?'))
  expect(await yard().redeliver(sent)).toEqual(sent.map(() => 202))
  task.comment('hubot', '/yard help stop')
  await task.reply(3)
  expect(task.replies().map((text) => text.split('\n')[1]?.slice(0, 20))).toEqual([
    '**needs you** · **Ap',
    '`/yard merge`: Merge',
    '`/yard stop [--delet',
  ])
})
