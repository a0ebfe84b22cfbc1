/** Dynamic workflows as people meet them: what fails, what is asked, an edited script, a conflict, and the two examples. */
import { readFileSync } from 'node:fs'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { repository } from '../repositories.ts'
import { call, change, done } from '../script.ts'
import { useSwitchyard } from '../use-switchyard.ts'

const FOLDER = '.github/switchyard/workflows'
const CHECK = 'switchyard / configuration'
const example = (name: string) => readFileSync(new URL(`../../../docs/examples/workflows/${name}.js`, import.meta.url), 'utf8')

const ASK = `export const meta = { name: 'ask', description: 'Looks, and asks.', phases: [{ title: 'Look' }, { title: 'Tell' }] }
export default async function ({ agent, parallel, checkpoint, phase, log }) {
  phase('Look')
  const seen = await parallel(['good', 'bad', 'fine'].map((word) => () => agent('Look at what is ' + word, { label: word })))
  log('seen: ' + seen.map((each) => each ?? 'nothing').join(', '))
  phase('Tell')
  const answer = await checkpoint('Tell the world?', { choices: ['Tell it', 'Keep it'], label: 'tell' })
  return 'The answer was: ' + answer + '. Seen: ' + seen.map((each) => each ?? 'nothing').join(', ')
}
`

const EDITED = (second: string, end: string) => `export const meta = { name: 'edit', description: 'Is edited on the way.' }
export default async function ({ agent }) {
  const one = await agent('Count the doors', { label: 'doors' })
  const two = await agent('${second}' + one, { label: 'windows' })
  ${end}
}
`

/** Both write the same file: the second to be collected conflicts. */
const CLASH = `export const meta = { name: 'clash', description: 'Two write one file.' }
export default async function ({ agent, parallel, collect }) {
  const both = await parallel(['left', 'right'].map((side) => () => agent('Write ' + side, { label: side, isolation: 'worktree' })))
  const { merged, left } = await collect()
  return both.length + ' wrote, ' + merged + ' merged' + (left.length === 0 ? '.' : ', left: ' + left)
}
`

const finding = { repository: 'acme/solo', path: 'README.md', line: 1, what: 'old | new', severity: 'high' }
const file = (name: string) => ({ repository: 'acme/solo', path: name, why: 'it is old' })

const yard = useSwitchyard({
  repositories: [
    repository(
      'solo',
      {
        pipelines: {
          audit: [
            { kind: 'workflow', workflow: 'audit', args: { question: 'Where is the old call still used?' } },
            { kind: 'ticket', labels: ['audit'] },
          ],
        },
      },
      {
        files: {
          [`${FOLDER}/ask.js`]: ASK,
          [`${FOLDER}/clash.js`]: CLASH,
          [`${FOLDER}/edit.js`]: EDITED('Count the windows beside ', "throw new Error('not yet: ' + two)"),
          [`${FOLDER}/audit.js`]: example('audit'),
          [`${FOLDER}/migrate.js`]: example('migrate'),
          'one.txt': 'old\n',
          'two.txt': 'old\n',
        },
      },
    ),
  ],
  script: (signals) => {
    const counted = (word: string) => ({ do: 'run' as const, argv: ['sh', '-c', `echo x >> ${signals}/${word}`] })
    const report = (result: unknown) => done('Done.', { result })
    return {
      calls: [
        call('researcher', 'Look at what is bad', [{ do: 'exit', code: 3 }]),
        call('researcher', 'Look at what is good', [done('gold')]),
        call('researcher', 'Look at what is fine', [done('silver')]),
        call('researcher', 'Count the doors', [counted('doors'), done('2 doors')]),
        call('researcher', 'Count the windows beside 2 doors', [counted('windows'), done('5 windows')]),
        call('researcher', 'Count the panes beside 2 doors', [counted('panes'), done('9 panes')]),
        call('coder', 'Write left', [...change('side.txt', 'left\n'), done('left')]),
        call('coder', 'Write right', [...change('side.txt', 'right\n'), done('right')]),
        call('resolver', 'Nobody resolves it', [{ do: 'exit', code: 3 }]),
        call('resolver', 'Two write one file', [{ do: 'merge-base', conflicts: 'ours' }, done('Both are meant.')]),
        call('researcher', 'Divide the code', [report({ parts: ['the readme', 'the rest'] })]),
        call('researcher', 'Read the readme', [report({ findings: [finding, { ...finding, line: 2 }] })]),
        call('researcher', 'Read the rest', [report({ findings: [] })]),
        call('researcher', ['Try to show that this is wrong', 'README.md:2'], [report({ holds: false })]),
        call('researcher', 'Try to show that this is wrong', [report({ holds: true })]),
        call('researcher', 'List every file', [report({ files: [file('one.txt'), file('two.txt'), file('three.txt')] })]),
        ...['one', 'two', 'three'].map((name) =>
          call('coder', `Do it in ${name}.txt`, [
            ...change(`${name}.txt`, 'new\n'),
            report({ summary: 'Changed.', diff: name }),
          ]),
        ),
        call('researcher', ['Review what they did to', 'three.txt, as'], [report({ good: false, why: 'it was not there' })]),
        call('researcher', 'Review what they did to', [report({ good: true, why: 'as asked' })]),
      ],
    }
  },
})

const shown = async (branch: string, path: string) => {
  const { dir } = yard().github.inspect().repository('acme/solo')
  const { stdout } = await execa('git', ['--git-dir', dir, 'show', `${branch}:${path}`], { reject: false })
  return stdout
}

/** The branches of calls that stand beside a work branch. */
const beside = async (branch: string) =>
  Object.keys(await yard().github.inspect().branches('acme/solo')).filter((name) => name.startsWith(`${branch}-w`))
const settles = async (holds: () => Promise<boolean>, what: string) =>
  expect.poll(holds, { message: what, timeout: 60_000 }).toBe(true)

test('[WF-2] [STP-16] what an agent could not do is null and said, the rest goes on; a question waits for a person, by box', async () => {
  const { person } = yard()
  const task = yard().task({ title: 'Ask first', label: 'switchyard:workflow:ask' })
  const asked = await task.until('needs you')
  expect(asked).toContain('Tell the world?')
  expect(asked).toContain('Look: 2 of 3 calls done, 1 came to nothing')
  expect(asked).toMatch(/✗ came to nothing: bad/)
  const comment = task.statusComment()
  person('hubot').tick('acme/solo', comment?.id ?? 0, 'Keep it')
  const text = await task.until('ready')
  expect(text).toContain('The answer was: Keep it. Seen: gold, nothing, silver')
})

test('[WF-3] an edited script goes on: what did not change is taken over at no cost, and how much is said', async () => {
  const { github, person, waitFor } = yard()
  const task = yard().task({ title: 'Edit it', label: 'switchyard:workflow:edit' })
  const failed = await task.until('failed')
  expect(failed).toContain('edit.js:5')
  expect(failed).toContain('not yet: 5 windows')
  const good = EDITED('Count the panes beside ', 'return two')
  await person('mona').push('acme/solo', 'main', { [`${FOLDER}/edit.js`]: good }, 'Count panes')
  task.comment('hubot', '/yard resume --edited')
  expect(await task.reply()).toContain('1 call is taken over')
  expect(await task.until('ready')).toContain('9 panes')
  const times = async (word: string) => (await execa('wc', ['-l', yard().signalFile(word)])).stdout.trim().split(' ')[0]
  expect(await Promise.all(['doors', 'windows', 'panes'].map(times))).toEqual(['1', '1', '1'])

  // A push that breaks a script is told at its line; nothing begins with it.
  const head = await person('mona').push('acme/solo', 'main', { [`${FOLDER}/edit.js`]: `${good}}` }, 'Break it')
  const check = await waitFor(
    () =>
      github
        .inspect()
        .checks('acme/solo', head)
        .find(({ name }) => name === CHECK),
    'the check of the push',
  )
  expect(check).toMatchObject({ conclusion: 'failure' })
  expect(check.output.annotations).toEqual([expect.objectContaining({ path: `${FOLDER}/edit.js`, start_line: 7 })])
  const second = yard().task({ title: 'Edit it again', label: 'switchyard:workflow:edit' })
  expect(await second.reply()).toContain('line 7, column 1')
})

test('[WF-4] branches are collected in their order, and a conflict goes to the resolver', async () => {
  const task = yard().task({ title: 'Two write one file', label: 'switchyard:workflow:clash' })
  const text = await task.until('ready')
  expect(text).toContain('2 wrote, 2 merged.')
  expect(text).not.toContain('Not collected')
  const branch = task.pulls('acme/solo')[0]?.pull.headRef ?? ''
  expect(await shown(branch, 'side.txt')).toBe('left')
  await settles(async () => (await beside(branch)).length === 0, 'the end of the branches of the calls')
})

test('[WF-4] a conflict that nobody resolves is left: the script is told, the rest is merged, and the branch is kept and named', async () => {
  const task = yard().task({ title: 'Nobody resolves it', label: 'switchyard:workflow:clash' })
  const text = await task.until('ready')
  expect(text).toContain('2 wrote, 1 merged, left: right')
  expect(text).toContain('Not collected: 1 branch of a call')
  const branch = task.pulls('acme/solo')[0]?.pull.headRef ?? ''
  expect(await shown(branch, 'side.txt')).toBe('left')
  await settles(async () => (await beside(branch)).length === 1, 'the end of the branch that is collected')
  const [kept = ''] = await beside(branch)
  expect(text).toContain(`acme/solo: \`${kept}\`, of right`)
  expect(await shown(kept, 'side.txt')).toBe('right')
})

test('[STP-16] [STP-14] the audit, as a step of a pipeline, ends as one issue with a table', async () => {
  const { github, waitFor, world } = yard()
  const task = yard().task({ title: 'Audit it', label: 'switchyard:audit' })
  const ticket = await waitFor(
    () =>
      github
        .inspect()
        .issues('acme/solo')
        .find(({ author, title }) => author.user.login === world.app.botLogin && title.startsWith('Audit:')),
    'the issue',
  )
  expect(ticket.body).toContain('| high | acme/solo | `README.md:1` |')
  expect(ticket.body).not.toContain('README.md:2')
  await task.until('ready')
  expect(task.pulls('acme/solo')).toEqual([])
})

test('[WF-1] [WF-4] the migration changes many files in worktrees of their own, reviews each, and collects one pull request', async () => {
  const task = yard().task({ title: 'Migrate it' })
  task.comment('hubot', '/yard run workflow:migrate change="Replace the old word by the new one" reviewers=1')
  const text = await task.until('ready')
  expect(text).toContain('2 of 3 files were changed')
  const pulls = task.pulls('acme/solo')
  expect(pulls).toHaveLength(1)
  const branch = pulls[0]?.pull.headRef ?? ''
  expect([await shown(branch, 'one.txt'), await shown(branch, 'two.txt'), await shown(branch, 'three.txt')]).toEqual([
    'new',
    'new',
    '',
  ])
})
