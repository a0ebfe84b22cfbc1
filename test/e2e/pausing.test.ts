/** Pausing keeps what the agent has done, and resuming goes on from there (RUN-6). */
import { expect, test } from 'vitest'
import { git } from '../github/state/git.ts'
import { isAlive, saysWho, whoSaid } from '../support/known-process.ts'
import { pipeline, repository } from './repositories.ts'
import { call, change, done } from './script.ts'
import { useSwitchyard } from './use-switchyard.ts'

const yard = useSwitchyard({
  repositories: [repository('solo', { merge: { by: 'auto' }, pipelines: { code: pipeline('code', 'merge') } })],
  script: (signals) => {
    /** Half a job: one file committed, another not, and then an agent that would never end. */
    const half = (name: string) => [
      ...change('first.txt', 'first\n'),
      { do: 'write' as const, path: 'second.txt', content: 'half\n' },
      { do: 'orphan' as const, pidFile: `${signals}/${name}-orphan` },
      { do: 'run' as const, argv: ['sh', '-c', `${saysWho('$PPID')} > ${signals}/${name}-agent`] },
      { do: 'hang' as const, ignoreTerm: true },
    ]
    return {
      calls: [
        call('coder', 'Pause and go on', [...change('second.txt', 'whole\n'), done()], { fileExists: 'first.txt' }),
        call('coder', 'Pause and go on', half('on')),
        call('coder', 'Pause and stop', half('stop')),
      ],
    }
  },
})

/** The processes of an agent that is half done. */
async function atWork(name: string): Promise<string[]> {
  const files = [`${name}-agent`, `${name}-orphan`].map((file) => yard().signalFile(file))
  return yard().waitFor(() => {
    const who = files.flatMap(whoSaid)
    return who.length === files.length && who
  }, `the agent ${name} at work`)
}

const inSolo = async (...args: string[]) => (await git(yard().github.inspect().repository('acme/solo').dir, args)).trim()

/** The head of the only work branch there is, waited for. */
async function checkpoint(): Promise<string> {
  for (;;) {
    const heads = await inSolo('for-each-ref', '--format=%(objectname)', 'refs/heads/switchyard')
    if (heads !== '') return heads
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

const cancelledJobs = () =>
  yard()
    .log.last(400)
    .filter((line) => line.includes('"status":"cancelled"')).length

test('[RUN-6] pause while the agent works: it is stopped, its work is a checkpoint; resume goes on from it and ends merged', async () => {
  const { github, waitFor } = yard()
  const task = yard().task({ title: 'Pause and go on', label: 'switchyard:code' })
  const pids = await atWork('on')
  const comment = task.comment('hubot', '/yard pause Lunch.')
  expect(await task.until('paused')).toContain('**Paused** by hubot: Lunch.')
  await task.reaction(comment, 'rocket')
  await task.stateLabel('switchyard/paused')
  await waitFor(() => !pids.some(isAlive), 'the death of the agent and its child')
  await waitFor(() => cancelledJobs() === 1, 'the end of the job')
  const head = await checkpoint()
  expect(await inSolo('show', `${head}:first.txt`)).toBe('first')
  expect(await inSolo('show', `${head}:second.txt`)).toBe('half')
  expect(task.pulls('acme/solo')).toEqual([])

  task.comment('hubot', '/yard resume')
  await task.until('merged')
  await github.idle()
  expect(task.pulls('acme/solo')).toHaveLength(1)
  expect(await inSolo('show', 'main:first.txt')).toBe('first')
  expect(await inSolo('show', 'main:second.txt')).toBe('whole')
  expect(await inSolo('merge-base', head, task.pulls('acme/solo')[0]?.pull.headSha ?? '')).toBe(head)
})

test('[RUN-6] [RUN-7] a run that is stopped while it is paused does not go on; its checkpoint stays', async () => {
  const { github, waitFor } = yard()
  const task = yard().task({ title: 'Pause and stop', label: 'switchyard:code' })
  const pids = await atWork('stop')
  task.comment('hubot', '/yard pause')
  await task.until('paused')
  await waitFor(() => !pids.some(isAlive), 'the death of the agent and its child')
  await waitFor(() => cancelledJobs() === 2, 'the end of the job')
  const head = await checkpoint()
  task.comment('hubot', '/yard stop')
  await task.until('stopped')
  const resume = task.comment('hubot', '/yard resume')
  await task.reaction(resume, 'confused')
  await github.idle()
  expect(await checkpoint()).toBe(head)
  expect(task.pulls('acme/solo')).toEqual([])
})
