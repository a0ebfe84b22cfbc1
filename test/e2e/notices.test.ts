/** People are told that they have to do something: on GitHub and by the deployment's webhook. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, onTestFinished, test, vi } from 'vitest'
import { startSwitchyard, type Yard } from './harness.ts'
import { repository } from './repositories.ts'
import { call, change, done, plan } from './script.ts'
import type { Task } from './task.ts'

vi.setConfig({ testTimeout: 240_000 })

interface Message {
  text: string
  kind: string
  subject: string
  reminder: boolean
  number: number
}

const posted: Message[] = []
/** What the receiver answers; null: it breaks the connection. */
let status: number | null = 200
const receiver: Server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (part: string) => {
    body += part
  })
  request.on('end', () => {
    posted.push(JSON.parse(body) as Message)
    if (status === null) request.socket.destroy()
    else response.writeHead(status).end()
  })
})
await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
afterAll(() => new Promise((resolve) => receiver.close(resolve)))

/** Minutes after which a wait is escalated: two seconds. */
const SOON = 0.034

async function start(escalateAfterMinutes: number): Promise<Yard> {
  const yard = await startSwitchyard({
    repositories: [
      repository('solo', {
        pipelines: { ask: [{ kind: 'plan' }, { kind: 'approval' }, { id: 'code', kind: 'agent' }, { kind: 'merge' }] },
        escalateAfterMinutes,
      }),
    ],
    script: { calls: [call('planner', '', [plan(['acme/solo'])]), call('coder', '', [...change('note.txt', 'x\n'), done()])] },
    env: {
      NOTIFY_WEBHOOK_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`,
      ALLOW_PRIVATE_PROBES: 'true',
      SWEEP_TIMERS_MS: '500',
    },
  })
  onTestFinished(() => yard.close())
  return yard
}

const told = ({ number }: Task) => posted.filter((message) => message.number === number)
const brief = (task: Task) => told(task).map(({ kind, subject, reminder }) => `${kind} ${subject}${reminder ? ' again' : ''}`)

test('[NOT-1] a wait for a person is told once, by mention and by webhook, and the next wait anew', async () => {
  posted.length = 0
  status = 200
  const yard = await start(120)
  const task = yard.task({ title: 'Tell me', label: 'switchyard:ask' })
  const asked = await task.until('needs you')
  expect(asked).toContain('@mona: **Approve the plan**')
  await yard.waitFor(() => told(task).length > 0, 'the first notice')
  expect(told(task)[0]?.text).toContain('Tell me: waits for its plan to be approved.')
  task.comment('hubot', '/yard status')
  await task.reply(1)
  expect(brief(task)).toEqual(['needs-you approval'])

  task.comment('hubot', `/yard approve ${await task.planHash()}`)
  await yard.waitFor(() => told(task).length > 1, 'the second notice')
  expect(brief(task)).toEqual(['needs-you approval', 'ready-to-merge merge'])
  expect(await task.until('needs you')).toContain('@mona: **Merge it when you are ready.**')
  task.comment('hubot', '/yard merge')
  await yard.waitFor(() => !task.statusComment()?.body.includes('@mona'), 'a status comment that names nobody')
  expect(brief(task)).toHaveLength(2)
})

test('[NOT-1] a long wait is said once more, by a comment of its own; a dead receiver stops nothing', async () => {
  posted.length = 0
  status = null
  const yard = await start(SOON)
  const task = yard.task({ title: 'Remind me', label: 'switchyard:ask' })
  await task.until('needs you')
  const reminders = () =>
    yard.github
      .inspect()
      .comments(task.repository, task.number)
      .filter(({ body }) => body.startsWith('<!-- switchyard:reminder '))
  const [reminder] = await yard.waitFor(() => reminders().length > 0 && reminders(), 'the reminder')
  expect(reminder?.body).toContain('@mona: after ')
  expect(reminder?.body).toContain('this still waits for its plan to be approved.')
  expect(reminder?.body).toContain(`#issuecomment-${task.statusComment()?.id}`)
  // It fails every time, and is tried again.
  await yard.waitFor(() => brief(task).includes('needs-you approval again'), 'the reminder by webhook')
  task.comment('hubot', `/yard approve ${await task.planHash()}`)
  await yard.waitFor(() => task.statusComment()?.body.includes('Merge it when you are ready'), 'the way to the merge')
  status = 200
  const before = told(task).length
  await yard.waitFor(
    () =>
      brief(task)
        .slice(before)
        .some((line) => line.startsWith('ready-to-merge')),
    'a notice that arrived',
  )
  expect(reminders().filter(({ body }) => body.includes('step=approval'))).toHaveLength(1)
  expect(yard.github.inspect().violations()).toEqual([])
})
