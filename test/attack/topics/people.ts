/** People who start what they may not. */
import type { Yard } from '../../e2e/harness.ts'
import type { Task } from '../../e2e/task.ts'
import type { Attack, Topic } from '../attack.ts'
import { yardOf } from '../stages/yard.ts'

const ROLE = 'The role in the repository is read from GitHub at that moment; only the roles named there may.'
const UNKNOWN = 'An error in reading who may is a no.'

/** A start that must not happen. */
function start(
  name: string,
  how: string,
  begin: (yard: Yard, title: string) => Promise<Task> | Task,
  more: Partial<Attack> = {},
): Attack {
  return {
    name,
    how,
    stopped: ROLE,
    told: 'people',
    async attempt(scene) {
      const yard = await yardOf(scene)
      const task = await begin(yard, `Person: ${name}`)
      const reply = await task.reply()
      return { got: task.statusComment() === null ? [] : ['a run'], stopped: 'no run', told: reply }
    },
    ...more,
  }
}

async function whilePermissionFails(yard: Yard, title: string, answer: { status: number; body?: unknown }): Promise<Task> {
  // A person of its own: what fails is asked about nobody else.
  const login = title
    .replaceAll(/[^a-z]+/gi, '-')
    .toLowerCase()
    .slice(0, 39)
    .replace(/-$/, '')
  yard.github.createUser(login)
  yard.github.inspect().repository('acme/solo').collaborators.set(login, 'admin')
  yard.github.faults.failNext(
    { method: 'GET', route: new RegExp(`/collaborators/${login}/permission`) },
    { ...answer, times: 10 },
  )
  return yard.task({ title, by: login, label: 'switchyard:ask' })
}

export const people: Topic = {
  title: 'Who may start',
  attacks: [
    start('an outsider starts a run by command', '`/yard run` by somebody with the role *read*.', (yard, title) => {
      const task = yard.task({ title })
      task.comment('rita', '/yard run ask')
      return task
    }),
    start('a triager starts a run by label', 'The start label, put on by somebody with the role *triage*.', (yard, title) =>
      yard.task({ title, repository: 'acme/triaged', by: 'hubot', label: 'switchyard:ask' }),
    ),
    start(
      'a start while GitHub refuses to say who may',
      'An administrator labels; the permission look-up answers 403.',
      (yard, title) => whilePermissionFails(yard, title, { status: 403, body: { message: 'Resource not accessible' } }),
      { stopped: UNKNOWN },
    ),
    start(
      'a start while GitHub does not know the person',
      'The permission look-up answers 404.',
      (yard, title) => whilePermissionFails(yard, title, { status: 404, body: { message: 'Not Found' } }),
      { stopped: UNKNOWN },
    ),
    start(
      'a start while GitHub answers nonsense',
      'The permission look-up answers 200 with `{"permission":"owner"}`.',
      (yard, title) => whilePermissionFails(yard, title, { status: 200, body: { permission: 'owner', role_name: 'owner' } }),
      { stopped: 'An answer that is not one of GitHub’s roles is an error, and an error is a no.' },
    ),
    start(
      'a path in place of a pipeline',
      'The label `switchyard:../../etc/passwd` is put on.',
      (yard, title) => yard.task({ title, label: 'switchyard:../../etc/passwd' }),
      { stopped: 'A pipeline is a name in the configuration, and nothing is looked up by it elsewhere.' },
    ),
    {
      name: 'a flood of commands',
      how: 'An outsider comments eight commands in a row, so that each mails everybody.',
      stopped: 'Three answers in words per person, conversation and hour; then reactions only.',
      told: 'people',
      async attempt(scene) {
        const yard = await yardOf(scene)
        const task = yard.task({ title: 'Person: a flood' })
        const comments = Array.from({ length: 8 }, () => task.comment('rita', '/yard stop'))
        for (const comment of comments) await task.reaction(comment, 'confused')
        const replies = task.replies()
        const got = replies.length > 3 ? [`${replies.length} comments of ours`] : []
        return { got, stopped: `${replies.length} answers in words`, told: replies.at(-1) ?? null }
      },
    },
  ],
}
