/** What other systems do for a run: deployments, releases, tickets, jobs that are run again. */
import { expect, test } from 'vitest'
import type { Deployment } from '../github/state/model.ts'
import { repository } from './repositories.ts'
import { call, change, done, plan } from './script.ts'
import { useSwitchyard } from './use-switchyard.ts'

const PREVIEW = 'https://preview-17.example.com/'
const code = { id: 'code', kind: 'agent' }

/** Fails on every first try for a commit. The job's own folder goes with it, so it remembers one level higher. */
const FLAKY = [
  'bash',
  '-c',
  'm="$GITHUB_WORKSPACE/../../switchyard-e2e-flaky-$GITHUB_SHA"; [ -e "$m" ] && rm "$m" || { touch "$m"; exit 1; }',
]

const yard = useSwitchyard({
  repositories: [
    repository('solo', {
      pipelines: {
        preview: [code, { kind: 'deploy' }, { id: 'second', kind: 'agent', role: 'fixer' }],
        ticket: [{ kind: 'plan' }, { kind: 'ticket', repository: 'acme/notes', labels: ['debt'] }, code],
        release: [code, { kind: 'merge', by: 'auto' }, { kind: 'release', environment: 'production' }],
      },
    }),
    repository('notes', null),
    repository('flaky', { pipelines: { gate: [code, { kind: 'ci' }] } }, { ci: [{ name: 'test', command: FLAKY }] }),
  ],
  script: {
    calls: [
      // It is told where the deployment can be looked at.
      call('fixer', 'Goes to preview', [...change('seen.txt', 'seen\n'), done('Looked at the preview.')], {
        promptIncludes: ['Goes to preview', PREVIEW],
      }),
      call('planner', '', [plan(['acme/solo'])]),
      call('oncall', '', [
        done('It broke.', {
          regression: {
            confidence: 0.8,
            recommendation: 'revert',
            evidence: [{ text: 'The deployment failed right after the merge.' }],
          },
        }),
      ]),
      call('coder', '', [...change('note.txt', 'note\n'), done()]),
    ],
  },
})

const deploymentOf = (name: string, sha: string): Promise<Deployment> =>
  yard().waitFor(() => yard().github.inspect().deployments(name, sha)[0], `a deployment of ${name}@${sha}`)

test('[STP-15] a deployment is made of the head, waited for, and later steps are told its address', async () => {
  const { github } = yard()
  const task = yard().task({ title: 'Goes to preview', label: 'switchyard:preview' })
  const [pull] = await yard().waitFor(() => task.pulls('acme/solo').length > 0 && task.pulls('acme/solo'), 'a pull request')
  const head = pull?.pull.headSha ?? ''
  const deployment = await deploymentOf('acme/solo', head)
  expect(deployment).toMatchObject({ sha: head, environment: 'preview' })
  github.as('hubot').setDeployment('acme/solo', deployment.id, { state: 'in_progress' })
  await task.until('waiting for the deployment')
  github.as('hubot').setDeployment('acme/solo', deployment.id, { state: 'success', environmentUrl: PREVIEW })
  await task.until('ready')
  expect(github.inspect().deployments('acme/solo', head)).toHaveLength(1)
})

test('[STP-14] an issue is filed from the step before, in the configured repository, once', async () => {
  const { github } = yard()
  const task = yard().task({ title: 'Leaves a ticket', label: 'switchyard:ticket' })
  const text = await task.until('ready')
  const issues = github.inspect().issues('acme/notes')
  expect(issues).toHaveLength(1)
  expect(github.inspect().labels('acme/notes', issues[0]?.number ?? 0)).toContain('debt')
  expect(issues[0]?.body).toContain('Writes down what was asked for.')
  expect(issues[0]?.body).toContain(`acme/solo#${task.number}`)
  expect(text).toContain('acme/notes')
})

test('a deployment of the merge commit that fails is a regression: looked into, and a person is asked', async () => {
  const { github, waitFor } = yard()
  const task = yard().task({ title: 'Breaks production', label: 'switchyard:release' })
  const merged = await waitFor(() => task.pulls('acme/solo')[0]?.pull.merged, 'the merge')
  await task.until(/release/)
  const hubot = github.as('hubot')
  const deployment = await hubot.deploy('acme/solo', { ref: merged.sha, environment: 'production' })
  hubot.setDeployment('acme/solo', deployment.id, { state: 'failure', description: 'It does not start.' })
  const text = await task.until('needs you')
  expect(text).toContain('revert')
})

test('a job that fails once and then passes costs no fixer', async () => {
  const task = yard().task({ repository: 'acme/flaky', title: 'Flaky', label: 'switchyard:gate' })
  const text = await task.until('ready')
  expect(text).not.toMatch(/\d fix/)
  const head = task.pulls('acme/flaky')[0]?.pull.headSha ?? ''
  const runs = yard().github.inspect().checks('acme/flaky', head, 'all')
  expect(runs.filter(({ name }) => name === 'test').map(({ conclusion }) => conclusion)).toEqual(['failure', 'success'])
})
