/** Switchyard whole, app and runner on a local GitHub, for the attacks that come by GitHub or by HTTP. */
import { startSwitchyard } from '../../e2e/harness.ts'
import { pipeline, repository } from '../../e2e/repositories.ts'
import { call, change, done, plan } from '../../e2e/script.ts'
import { stage } from '../scene.ts'
import { HOSTILE_REPORT } from './hostile-report.ts'

/** The signal file with what the planner of the issue *Hidden words* was told. */
export const HIDDEN_PROMPT = 'hidden.prompt'
/** The signal that lets the coder of *A job at work* end. */
export const AT_WORK = 'at-work'

const pipelines = {
  ask: pipeline('plan', 'approval'),
  build: pipeline('plan', 'approval', 'code'),
  quickly: pipeline('code'),
  ship: pipeline('plan', 'approval', 'code', 'ci', 'merge'),
}

/** People: mona (admin), hubot (write), rita (read). */
export const yardOf = stage(async () => {
  const yard = await startSwitchyard({
    repositories: [
      repository('solo', { pipelines }),
      repository('strict', { pipelines, approve: { notRequester: true } }),
      repository('triaged', { pipelines }, { collaborators: { mona: 'admin', hubot: 'triage', rita: 'read' } }),
    ],
    script: (signals) => ({
      calls: [
        call('planner', 'Hidden words', [
          { do: 'run', argv: ['sh', '-c', `cp "$SWITCHYARD_PROMPT_FILE" "${signals}/${HIDDEN_PROMPT}"`] },
          plan(['acme/solo']),
        ]),
        call('planner', 'self-approval', [plan(['acme/strict'])]),
        call('planner', '', [plan(['acme/solo'])]),
        call('coder', 'A report full of tricks', [...change('note.txt', 'tricks\n'), done(HOSTILE_REPORT)]),
        call('coder', 'A job at work', [
          { do: 'wait-for', file: `${signals}/${AT_WORK}` },
          ...change('note.txt', 'worked\n'),
          done(),
        ]),
        call('coder', 'A branch that gives itself power', [
          {
            do: 'write',
            path: '.github/switchyard.yml',
            content: 'version: 1\nstart: { permissions: [triage] }\npipelines: { power: [{ kind: plan }] }\n',
          },
          { do: 'commit', message: 'Power' },
          done(),
        ]),
        call('coder', '', [...change('note.txt', 'a note\n'), done()]),
      ],
    }),
  })
  return { stage: yard, close: () => yard.close() }
})
