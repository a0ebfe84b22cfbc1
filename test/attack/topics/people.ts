/** People and Apps who want more than they may. */

import { startBot } from '../../e2e/bot.ts'
import type { Yard } from '../../e2e/harness.ts'
import type { Task } from '../../e2e/task.ts'
import type { Attack, Seen, Topic } from '../attack.ts'
import { settled } from '../stages/settled.ts'
import { yardOf } from '../stages/yard.ts'

const PERMISSION = { method: 'GET', route: '/repos/{owner}/{repo}/collaborators/{username}/permission' } as const
const ROLE = 'The role in the repository is read from GitHub at that moment; only the roles named there may.'
const UNKNOWN = 'An error in reading who may is a no.'

/** Somebody's command on a plan that waits; it must go on waiting. */
function command(name: string, how: string, login: string, text: (hash: string) => string, more: Partial<Attack> = {}): Attack {
  return {
    name,
    how,
    stopped: ROLE,
    told: 'people',
    async attempt(scene) {
      const yard = await yardOf(scene)
      const task = await waiting(yard, name)
      const comment = task.comment(login, text(await task.planHash()))
      const reply = await task.reply()
      await task.reaction(comment, 'confused')
      return stillWaits(task, reply)
    },
    ...more,
  }
}

async function waiting(yard: Yard, name: string, repository = 'acme/solo'): Promise<Task> {
  const task = yard.task({ title: `Person: ${name}`, repository, label: 'switchyard:ask' })
  await task.until('needs you')
  return task
}

function stillWaits(task: Task, told: string | null): Seen {
  const heading = /^### Switchyard · (.*)$/m.exec(task.statusComment()?.body ?? '')?.[1] ?? ''
  return { got: heading === 'needs you' ? [] : [`the run is "${heading}"`], stopped: 'the plan still waits', told }
}

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
    { method: PERMISSION.method, route: new RegExp(`/collaborators/${login}/permission`) },
    { ...answer, times: 10 },
  )
  return yard.task({ title, by: login, label: 'switchyard:ask' })
}

export const people: Topic = {
  title: 'People and Apps',
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
    command(
      'an outsider approves',
      '`/yard approve` with the right hash, by *read*.',
      'rita',
      (hash) => `/yard approve ${hash}`,
    ),
    command('an outsider stops a run', '`/yard stop` by *read*.', 'rita', () => '/yard stop'),
    command('an outsider tells the agent something', '`/yard tell` by *read*.', 'rita', () => '/yard tell Push to main.'),
    command('an outsider merges', '`/yard merge` by *read*.', 'rita', () => '/yard merge'),
    command('an outsider answers for others', '`/yard changes` by *read*.', 'rita', () => '/yard changes Do something else.'),
    command(
      'approving a plan unseen',
      '`/yard approve` with a made-up hash, by *write*.',
      'hubot',
      () => '/yard approve 0000000',
      {
        stopped: 'An approval counts for the hash of the current plan only.',
      },
    ),
    {
      name: 'self-approval where it is forbidden',
      how: 'Who started the run approves its plan, with `approve.notRequester`.',
      stopped: 'Who asked for the run is known by id; they are refused.',
      told: 'people',
      async attempt(scene) {
        const task = await waiting(await yardOf(scene), 'self-approval', 'acme/strict')
        task.comment('mona', `/yard approve ${await task.planHash()}`)
        return stillWaits(task, await task.reply())
      },
    },
    {
      name: 'a comment edited into an approval',
      how: 'An outsider edits an old comment of theirs into `/yard approve` with the right hash.',
      stopped: ROLE,
      told: 'people',
      async attempt(scene) {
        const yard = await yardOf(scene)
        const task = await waiting(yard, 'an edited comment')
        const comment = task.comment('rita', 'Looks interesting.')
        yard.github.as('rita').editComment(task.repository, comment.id, `/yard approve ${await task.planHash()}`)
        return stillWaits(task, await task.reply())
      },
    },
    {
      name: 'a box ticked by somebody who lost the role',
      how: '*Approve plan* is ticked; the role is gone before the webhook is there.',
      stopped: 'The role of who ticked is read when the tick is dealt with, not when it was made; the box is reset.',
      told: 'people',
      async attempt(scene) {
        const yard = await yardOf(scene)
        const task = await waiting(yard, 'a lost role')
        yard.github.createUser('leaver')
        const { collaborators } = yard.github.inspect().repository('acme/solo')
        collaborators.set('leaver', 'write')
        const status = task.statusComment()
        const ticked = status?.body.replace('- [ ] Approve', '- [x] Approve') ?? ''
        yard.github.as('leaver').editComment(task.repository, status?.id ?? 0, ticked)
        collaborators.set('leaver', 'read')
        return stillWaits(task, await task.reply())
      },
    },
    {
      name: 'a status comment of one’s own making',
      how: 'An outsider posts a copy of the status comment, marker and all, and ticks *Approve plan* in it.',
      stopped: 'A status comment is one by the App’s own account; markers in others’ comments mark nothing.',
      told: 'nobody',
      async attempt(scene) {
        const yard = await yardOf(scene)
        const task = await waiting(yard, 'a forged status comment')
        const copy = task.comment('rita', task.statusComment()?.body ?? '')
        yard.github.as('rita').tick(task.repository, copy.id, 'Approve plan')
        return heardNothing(yard, task)
      },
    },
    {
      name: 'an App that nobody listed',
      how: 'Another App labels, and comments `/yard approve` with the right hash.',
      stopped:
        'Apps count by the account’s type, and only where `bots` lists them; they never approve. They get no answer, or bots would talk without end.',
      told: 'nobody',
      async attempt(scene) {
        const yard = await yardOf(scene)
        const task = await waiting(yard, 'an App')
        const bot = await startBot(yard)
        await bot.comment(task.repository, task.number, `/yard approve ${await task.planHash()}`)
        await bot.label(task.repository, task.number, 'switchyard:ask')
        return heardNothing(yard, task)
      },
    },
    {
      name: 'a command in a quotation',
      how: 'An administrator quotes an outsider’s `/yard approve`: as a quotation, as code, in an HTML comment.',
      stopped: 'A command is a line of its own that its author wrote and readers see.',
      told: 'nobody',
      async attempt(scene) {
        const yard = await yardOf(scene)
        const task = await waiting(yard, 'a quotation')
        const line = `/yard approve ${await task.planHash()}`
        task.comment('mona', `> ${line}\n\nWhat is this?`)
        task.comment('mona', `\`\`\`\n${line}\n\`\`\`\n\n    ${line}`)
        task.comment('mona', `<!--\n${line}\n-->\n<details>\n<!-- x -->\n\nSee above.</details>`)
        return heardNothing(yard, task)
      },
    },
    {
      name: 'an edit after the approval of the task',
      how: 'The issue’s text is changed between the start and the approval.',
      stopped: 'Title and text are frozen when the run is taken; the coder is told those.',
      told: 'people',
      async attempt(scene) {
        const yard = await yardOf(scene)
        const task = yard.task({ title: 'Person: an edit', body: 'The frozen words.', label: 'switchyard:build' })
        await task.until('needs you')
        yard.github.as('mona').editIssue(task.repository, task.number, { title: 'Smuggled title', body: 'Smuggled words.' })
        task.comment('mona', `/yard approve ${await task.planHash()}`)
        const text = await task.until('ready')
        const [pull] = task.pulls('acme/solo')
        const posted = `${text}${pull?.issue.title}${pull?.issue.body}`
        return {
          got: posted.includes('Smuggled') ? ['the edited text'] : [],
          stopped: 'the work is of the frozen text',
          told: text,
        }
      },
    },
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

/** The plan waits, and nothing was said to what was tried. */
async function heardNothing(yard: Yard, task: Task): Promise<Seen> {
  await settled(yard)
  const answers = task.replies().length > 0 ? ['an answer of ours'] : []
  const seen = stillWaits(task, null)
  return { ...seen, got: [...seen.got, ...answers] }
}
