/** People and Apps who approve and steer what they may not. */
import { startBot } from '../../e2e/bot.ts'
import type { Attack, Topic } from '../attack.ts'
import { heardNothing, stillWaits, waiting } from '../stages/waiting.ts'
import { yardOf } from '../stages/yard.ts'

const ROLE = 'The role in the repository is read from GitHub at that moment; only the roles named there may.'

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

export const approvals: Topic = {
  title: 'Who may approve and steer',
  attacks: [
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
  ],
}
