/** The configuration as people meet it: the check of a push that broke it, and `/yard explain`. */
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { pipeline, repository } from './repositories.ts'
import { call, done, plan } from './script.ts'
import { useSwitchyard } from './use-switchyard.ts'

const FILE = '.github/switchyard.yml'
const CHECK = 'switchyard / configuration'
const ROLES = '.github/switchyard/roles'
/** Fails unless the agent was told all of these. */
const told = (...texts: string[]) => ({
  do: 'run' as const,
  argv: [
    'sh',
    '-c',
    texts.map((text) => `cat "$SWITCHYARD_INSTRUCTIONS_FILE" "$SWITCHYARD_PROMPT_FILE" | grep -qF '${text}'`).join(' && '),
  ],
})
/** A rule that no prompt of a repository takes away. */
const SAFETY = 'Never push, never open or merge pull requests'
const GIVEN = '.switchyard-context'
const KEPT = {
  pipelines: { ask: pipeline('plan', 'approval', 'code') },
  contextFiles: [{ path: 'docs/words.md' }, { path: 'given.md', text: 'A text of the configuration itself.' }],
  labels: { start: 'yard', pipelines: { ask: 'ask first' } },
}

const yard = useSwitchyard({
  env: { ALLOWED_MODELS: 'quill-*,claude-haiku-4-5' },
  repositories: [
    repository('solo', {}),
    repository('listed', {}),
    repository('told', KEPT, {
      files: {
        'docs/words.md': 'A leg is one repository.\n',
        [`${ROLES}/planner.md`]: 'Plan with as few words as you can.\n',
        [`${ROLES}/coder.md`]: '---\nreplace: true\n---\nYou are the scribe of this repository.\n',
      },
    }),
  ],
  script: {
    calls: [
      call('planner', 'Told', [told('Plan with as few words as you can.', 'You are the planner', SAFETY), plan(['acme/told'])]),
      call('coder', 'Told', [
        told('You are the scribe of this repository.', SAFETY),
        {
          do: 'run',
          argv: ['sh', '-c', `cat ${GIVEN}/docs/words.md ${GIVEN}/given.md > note.txt && echo "$SWITCHYARD_MODEL" >> note.txt`],
        },
        { do: 'commit', message: 'Write what was given' },
        done(),
      ]),
    ],
  },
})

test('[CFG-2] a push that breaks the configuration gets a failed check run with its lines, and one that mends it a good one', async () => {
  const { github, person, waitFor } = yard()
  const check = (sha: string) =>
    waitFor(
      () =>
        github
          .inspect()
          .checks('acme/solo', sha)
          .find(({ name }) => name === CHECK),
      `the check of ${sha}`,
    )
  const broken = await person('mona').push('acme/solo', 'main', { [FILE]: 'version: 1\nmerg: {}\n' }, 'Break it')
  expect(await check(broken)).toMatchObject({ conclusion: 'failure' })
  expect((await check(broken)).output.annotations).toEqual([expect.objectContaining({ path: FILE })])
  const task = yard().task({ title: 'Broken', label: 'switchyard' })
  expect(await task.reply()).toContain('line 2, column 1')
  expect(task.statusComment()).toBeNull()
  const mended = await person('mona').push('acme/solo', 'main', { [FILE]: 'version: 1\n' }, 'Mend it')
  expect(await check(mended)).toMatchObject({ conclusion: 'success' })
})

test('[CFG-2] [RUN-2] a model that who runs Switchyard does not permit is refused by the check, by a start, by explain and by `/yard model`', async () => {
  const { github, person, waitFor } = yard()
  const only = 'Who runs Switchyard permits `quill-*` and `claude-haiku-4-5` (`ALLOWED_MODELS`).'
  const file = 'version: 1\nroles:\n  coder: { runtime: { model: claude-opus-4-5 } }\n'
  const head = await person('mona').push('acme/listed', 'main', { [FILE]: file }, 'Name another model')
  const ours = () =>
    github
      .inspect()
      .checks('acme/listed', head)
      .find(({ name }) => name === CHECK)
  const check = await waitFor(ours, 'the check')
  expect(check.conclusion).toBe('failure')
  expect(check.output.annotations).toEqual([
    expect.objectContaining({ start_line: 3, message: expect.stringContaining(`roles.coder.runtime.model`) }),
  ])
  expect(JSON.stringify(check.output.annotations)).toContain(only)

  const task = yard().task({ repository: 'acme/listed', title: 'Listed', label: 'switchyard:quick' })
  const refused = await task.reply()
  expect(refused).toContain('`claude-opus-4-5` may not be asked for here (coder would work with it)')
  expect(refused).toContain(`${only} Set one of these with \`roles.<role>.runtime.model\` in \`.github/switchyard.yml\`.`)
  expect(task.statusComment()).toBeNull()
  task.comment('mona', '/yard explain quick')
  expect(await task.reply(2)).toContain('`claude-opus-4-5` may not be asked for here')
})

test('[CMD-11] the label switchyard:explain and the command are answered, start nothing, and the label comes off', async () => {
  const task = yard().task({ title: 'Explain', label: 'switchyard:explain' })
  expect(await task.reply()).toContain('Nothing was started.')
  await yard().waitFor(() => task.labels().length === 0, 'the label taken off')
  task.comment('rita', '/yard explain quick')
  const reply = await task.reply(2)
  expect(reply).toContain('pipeline `quick`')
  expect(reply).toContain('It would be refused now')
  expect(task.statusComment()).toBeNull()
})

test('[CFG-2] [CFG-3] [CFG-6] labels, prompts and context files of the default branch are obeyed; a broken file stops no running run', async () => {
  const { github, person } = yard()
  const task = yard().task({ repository: 'acme/told', title: 'Told', label: 'ask first' })
  await task.until('needs you')
  expect(task.labels()).not.toContain('ask first')
  const broken = 'version: 1\nlabels: { strat: other }\nlimits: { runsPerPerson: 0 }\n'
  await person('mona').push('acme/told', 'main', { [FILE]: broken }, 'Break it')

  // New runs are refused, with every error in one comment; the last good file says meanwhile which label it was.
  const second = yard().task({ repository: 'acme/told', title: 'Second', label: 'yard' })
  const refused = await second.reply()
  expect(refused).toContain('line 2, column 11: `labels.strat`')
  expect(refused).toContain('line 3, column 11: `limits.runsPerPerson`')
  expect(second.replies()).toHaveLength(1)
  expect(second.statusComment()).toBeNull()
  // The one that runs goes on, by the rules and with the settings that it has.
  await task.reaction(task.comment('hubot', '/yard model coder claude-opus-4-5'), 'confused')
  expect(await task.reply()).toContain('`claude-opus-4-5` may not be asked for here')
  task.comment('hubot', '/yard model coder quill-2')
  await yard().waitFor(
    () => /\| coder \| .* `?quill-2`? /.test(task.statusComment()?.body ?? ''),
    'the model in the status comment',
  )
  task.comment('hubot', `/yard approve ${await task.planHash()}`)
  await task.until('ready')
  const [pull] = task.pulls('acme/told')
  if (pull === undefined) throw new Error('a pull request was to be opened')
  const { dir } = github.inspect().repository('acme/told')
  const { stdout } = await execa('git', ['--git-dir', dir, 'show', `${pull.pull.headRef}:note.txt`])
  expect(stdout.replaceAll('\n', '')).toBe('A leg is one repository.A text of the configuration itself.quill-2')
})
