/** Stopping is final: the agent is dead within 10 s, and nothing is created afterwards (RUN-7). */
import { expect, test } from 'vitest'
import { isAlive, saysWho, whoSaid } from '../support/known-process.ts'
import { pipeline, repository } from './repositories.ts'
import { call, change, done } from './script.ts'
import { useSwitchyard } from './use-switchyard.ts'
import { isRead } from './what-is-read.ts'

/** What RUN-7 gives a job's process tree, in ms. */
const DEAD_WITHIN_MS = 10_000

const yard = useSwitchyard({
  repositories: [repository('solo', { pipelines: { code: pipeline('code'), twice: pipeline('code', 'second') } })],
  script: (signals) => {
    /** A commit, a child that left the process group, and then an agent that does not listen to SIGTERM. */
    const stuck = (name: string, file: string) => [
      ...change(file, 'half done\n'),
      { do: 'orphan' as const, pidFile: `${signals}/${name}-orphan` },
      { do: 'run' as const, argv: ['sh', '-c', `${saysWho('$PPID')} > ${signals}/${name}-agent`] },
      { do: 'hang' as const, ignoreTerm: true },
    ]
    return {
      calls: [
        call('coder', 'By command', stuck('command', 'note.txt')),
        call('coder', 'By closing', stuck('closing', 'note.txt')),
        call('fixer', 'With pull request', stuck('pull', 'more.txt')),
        call('coder', 'With pull request', [...change('note.txt', 'first\n'), done()]),
      ],
    }
  },
})

/** The processes of an agent that is stuck. */
async function stuckProcesses(name: string): Promise<string[]> {
  const files = [`${name}-agent`, `${name}-orphan`].map((file) => yard().signalFile(file))
  return yard().waitFor(() => {
    const who = files.flatMap(whoSaid)
    return who.length === files.length && who
  }, `the agent ${name} at work`)
}

test('[RUN-7] [CMD-2] stop by command: the agent’s processes are dead, nothing is pushed, a retry is refused', async () => {
  const { github, waitFor } = yard()
  const task = yard().task({ title: 'By command', label: 'switchyard:code' })
  const pids = await stuckProcesses('command')
  expect(pids.every(isAlive)).toBe(true)
  const comment = task.comment('hubot', '/yard stop It is not wanted any more.')
  const asked = Date.now()
  const text = await task.until('stopped')
  await waitFor(() => !pids.some(isAlive), 'the death of the agent and its child', DEAD_WITHIN_MS)
  expect(Date.now() - asked).toBeLessThan(DEAD_WITHIN_MS + 5_000)
  await task.reaction(comment, 'rocket')
  await task.stateLabel('switchyard/failed')
  expect(text).toContain('**Stopped** by hubot: It is not wanted any more.')
  isRead('Stopping', 'By command', 'hubot commented `/yard stop It is not wanted any more.` while the coder worked.', text)

  const retry = task.comment('hubot', '/yard retry')
  const refused = await task.reply()
  await task.reaction(retry, 'confused')
  isRead('Stopping', 'Retried after a stop', 'hubot commented `/yard retry` on the stopped run.', refused)
  task.comment('hubot', '/yard stop')
  await yard().github.idle()
  expect(Object.keys(await github.inspect().branches('acme/solo'))).toEqual(['main'])
  expect(task.pulls('acme/solo')).toEqual([])
})

test('[RUN-7] [CMD-10] stop by closing the issue; reopening starts nothing', async () => {
  const { github, waitFor } = yard()
  const task = yard().task({ title: 'By closing', label: 'switchyard:code' })
  const pids = await stuckProcesses('closing')
  github.as('mona').closeIssue(task.repository, task.number, 'not_planned')
  const text = await task.until('stopped')
  await waitFor(() => !pids.some(isAlive), 'the death of the agent and its child', DEAD_WITHIN_MS)
  await task.stateLabel('switchyard/failed')
  isRead('Stopping', 'By closing the issue', 'mona closed the issue while the coder worked.', text)
  github.as('mona').reopenIssue(task.repository, task.number)
  await github.idle()
  expect(task.statusComment()?.body).toContain('· stopped')
  expect(Object.keys(await github.inspect().branches('acme/solo'))).toEqual(['main'])
})

test('[RUN-7] [CS-8] with a pull request: its checks are cancelled, the branch stays where it was until a person has it deleted', async () => {
  const { github, waitFor } = yard()
  const task = yard().task({ title: 'With pull request', label: 'switchyard:twice' })
  const pids = await stuckProcesses('pull')
  const [pull] = await waitFor(() => task.pulls('acme/solo').length > 0 && task.pulls('acme/solo'), 'the pull request')
  const head = pull?.pull.headSha ?? ''
  const changeSet = () =>
    github
      .inspect()
      .checks('acme/solo', head)
      .find(({ name }) => name === 'switchyard / change set')
  await waitFor(() => changeSet()?.status === 'in_progress', 'the check of the change set')
  task.comment('hubot', '/yard stop')
  const text = await task.until('stopped')
  await waitFor(() => !pids.some(isAlive), 'the death of the agent and its child', DEAD_WITHIN_MS)
  await waitFor(() => changeSet()?.conclusion === 'cancelled', 'the check of the change set cancelled')
  await waitFor(
    () =>
      yard()
        .log.last(50)
        .some((line) => line.includes('"status":"cancelled"')),
    'the end of the job',
  )
  await github.idle()
  const own = github
    .inspect()
    .checks('acme/solo', head)
    .filter(({ name }) => name.startsWith('switchyard / '))
  expect(own.filter(({ status }) => status !== 'completed')).toEqual([])
  expect((await github.inspect().branches('acme/solo'))[pull?.pull.headRef ?? '']).toBe(head)
  expect(task.pulls('acme/solo')).toHaveLength(1)
  expect(pull?.issue.state).toBe('open')

  // Only at a person's word what is left goes, and then for good.
  task.comment('hubot', '/yard stop --delete')
  await waitFor(() => task.pulls('acme/solo')[0]?.issue.state === 'closed', 'the pull request closed')
  await waitFor(() => task.statusComment()?.body.includes('closed'), 'the status comment saying so')
  expect(Object.keys(await github.inspect().branches('acme/solo'))).toEqual(['main'])
  isRead('Stopping', 'With a pull request', 'hubot commented `/yard stop` while a second step worked on.', text)
})
