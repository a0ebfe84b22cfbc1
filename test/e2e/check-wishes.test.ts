/** What people ask for on the page of a check: its buttons, and running it again. Each is a signed webhook of GitHub's. */
import { expect, test } from 'vitest'
import { repository } from './repositories.ts'
import { call, change, done } from './script.ts'
import type { Task } from './task.ts'
import { useSwitchyard } from './use-switchyard.ts'

const SOLO = 'acme/solo'
/** Ways to have a failed stage tried again. */
const HOW = ['button', 're-run'] as const
const CODE = { id: 'code', kind: 'agent' }
const graded = (rating: number, summary: string, many = 0) =>
  done('Graded.', {
    verdict: {
      rating,
      summary,
      comments: Array.from({ length: many }, (_, index) => ({
        severity: 'high',
        repository: SOLO,
        path: 'note.txt',
        line: index + 1,
        body: `Line ${index + 1} greets nobody.`,
      })),
    },
  })

const yard = useSwitchyard({
  repositories: [
    repository('solo', {
      pipelines: {
        graded: [CODE, { id: 'review', kind: 'companion', reworks: 0 }, { kind: 'merge' }],
        written: [CODE, { id: 'notes', kind: 'document' }, { kind: 'approval' }, { kind: 'merge' }],
      },
    }),
  ],
  script: (signals) => ({
    calls: [
      call('reviewer', 'Fails at first', [{ do: 'crash' }], { fileLacks: `${signals}/reviewer-is-well` }),
      call('reviewer', 'Graded badly', [graded(0.9, 'Better.')], {
        promptIncludes: ['Graded badly', 'Greet somebody, at last.'],
      }),
      call('reviewer', 'Graded badly', [graded(0.4, 'Half a note.', 60)]),
      call('reviewer', '', [graded(0.9, 'Good.')]),
      call('coder', 'Graded badly', [...change('note.txt', 'better\n'), done('Greet somebody, at last.')], {
        promptIncludes: ['Graded badly', 'Half a note.'],
      }),
      call('writer', '', [done('Written.', { artefact: { title: 'Notes', markdown: 'What was done, and why.' } })]),
      // Commits of the same second with the same content would be one and the same.
      ...HOW.map((how) => call('coder', `Fails at first: ${how}.`, [...change('note.txt', `${how}\n`), done()])),
      call('coder', '', [...change('note.txt', 'a note\n'), done('Wrote a note.')]),
    ],
  }),
})

async function headOf(task: Task): Promise<string> {
  const [one] = await yard().waitFor(() => task.pulls(SOLO).length > 0 && task.pulls(SOLO), 'a pull request')
  return one?.pull.headSha ?? ''
}

/** The check of a stage at a head, once it has come to this. */
function check(head: string, stage: string, conclusion: string) {
  return yard().waitFor(
    () =>
      yard()
        .github.inspect()
        .checks(SOLO, head)
        .find((each) => each.name === `switchyard / ${stage}` && each.conclusion === conclusion),
    `the check ${stage} at ${head.slice(0, 7)}: ${conclusion}`,
  )
}

const buttons = ({ actions }: { actions: readonly { label: string }[] }) => actions.map(({ label }) => label)

test('[CMD-8] remarks are annotations, more than fifty too; one more round is granted by a button, on the present head only', async () => {
  const { github, waitFor } = yard()
  const task = yard().task({ title: 'Graded badly', label: 'switchyard:graded' })
  await task.until('needs you')
  const first = await headOf(task)
  const asked = await check(first, 'review', 'action_required')
  expect(buttons(asked)).toEqual(['One more round', 'Go on'])
  // GitHub takes fifty in one request; the others follow.
  await waitFor(() => asked.output.annotations.length === 60, 'all remarks as annotations')
  expect(new Set(asked.output.annotations.map(({ start_line }) => start_line)).size).toBe(60)

  // GitHub keeps the buttons of a head that somebody pushed upon; what they offered was for that head.
  const [pull] = task.pulls(SOLO)
  const pushed = await github.as('mona').push(SOLO, pull?.pull.headRef ?? '', { 'more.txt': 'more\n' }, 'More')
  const present = await check(pushed, 'review', 'action_required')
  github.as('hubot').clickCheckAction(SOLO, asked.id, 'extra-round')
  const replies = () => github.inspect().comments(SOLO, pull?.issue.number ?? 0)
  await waitFor(() => replies().some(({ body }) => body.includes('not asked any more')), 'the refusal on the pull request')
  await task.until('needs you')

  github.as('hubot').clickCheckAction(SOLO, present.id, 'extra-round')
  await waitFor(() => task.statusComment()?.body.includes('Merge it when you are ready'), 'the way to the merge')
  const second = await headOf(task)
  expect([first, pushed]).not.toContain(second)
  expect((await check(second, 'review', 'success')).output.annotations).toEqual([])
  github.as('hubot').clickCheckAction(SOLO, (await waitFor(() => changeSet(second), 'the check of the change set')).id, 'merge')
  await task.until('merged')
})

function changeSet(head: string) {
  const found = yard().github.inspect().checks(SOLO, head)
  return found.find(
    ({ name, actions }) => name === 'switchyard / change set' && actions.some(({ identifier }) => identifier === 'merge'),
  )
}

test('[CMD-8] a failed stage is tried again by its button, and by running its check again', async () => {
  const { github } = yard()
  const tasks = []
  const failed = []
  // One after the other: each is waited for alone.
  for (const how of HOW) {
    const task = yard().task({ title: `Fails at first: ${how}.`, label: 'switchyard:graded' })
    await task.until('failed')
    tasks.push(task)
    failed.push(await check(await headOf(task), 'review', 'failure'))
  }
  await yard().signal('reviewer-is-well')
  const [button, rerun] = failed
  expect(button === undefined ? [] : buttons(button)).toEqual(['Retry'])
  github.as('hubot').clickCheckAction(SOLO, button?.id ?? 0, 'retry')
  github.as('hubot').rerunCheck(SOLO, rerun?.id ?? 0)
  for (const task of tasks) {
    await task.until('needs you')
    // The check says it at the same head, in the same place.
    const mended = await check(await headOf(task), 'review', 'success')
    expect(failed.map(({ id }) => id)).toContain(mended.id)
    expect(buttons(mended)).toEqual([])
  }
})

test('[CMD-8] [STP-8] a document is approved by the button of its stage', async () => {
  const { github } = yard()
  const task = yard().task({ title: 'Documented', label: 'switchyard:written' })
  const text = await task.until('needs you')
  const [, hash] = /Approve document `([0-9a-f]{7})`/.exec(text) ?? []
  const asked = await check(await headOf(task), 'approval', 'action_required')
  expect(asked.actions.map(({ identifier }) => identifier)).toEqual([`approve:${hash}`])
  github.as('hubot').clickCheckAction(SOLO, asked.id, `approve:${hash}`)
  expect((await check(await headOf(task), 'approval', 'success')).output.title).toContain('approved by hubot')
})
