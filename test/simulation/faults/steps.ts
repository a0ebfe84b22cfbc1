/** Faults in the steps that plan, ask, explore, file, deploy and watch. */
import type { SourceFault } from '../faults.ts'

const QUESTIONS = ['src/pipeline/steps/questions.test.ts']
const settle = 'src/pipeline/settle-findings.ts'

const WORKFLOW = ['src/pipeline/steps/workflow.test.ts']

export const STEP_FAULTS: readonly SourceFault[] = [
  {
    name: 'a plan is sent back without end',
    file: 'src/pipeline/steps/plan.ts',
    edits: [['if (data.refusals >= MAX_REFUSALS)', 'if (data.refusals < 0)']],
    tests: ['src/pipeline/steps/plan.test.ts'],
  },
  {
    name: 'any hash approves',
    file: 'src/pipeline/steps/approval.ts',
    edits: [['if (event.hash !== hash) {', "if (event.hash === '') {"]],
    tests: ['src/pipeline/steps/approval.test.ts'],
  },
  {
    name: 'an approval forgets its escalation',
    file: 'src/pipeline/steps/approval.ts',
    edits: [["      timers: [{ name: 'escalate', at: escalateAt }],\n", '']],
    tests: ['src/pipeline/steps/approval.test.ts'],
  },
  {
    name: 'a round of questions more than the budget',
    file: 'src/pipeline/steps/questions.ts',
    edits: [['kept.rounds < config.rounds + kept.granted', 'kept.rounds <= config.rounds + kept.granted']],
    tests: QUESTIONS,
  },
  {
    name: 'what was settled is asked again',
    file: settle,
    edits: [['const seen = new Set(settled.map(({ finding }) => normalised(finding.text)))', 'const seen = new Set<string>()']],
    tests: QUESTIONS,
  },
  {
    name: 'a number names another question in the next round',
    file: settle,
    edits: [['let number = last', 'let number = settled.length']],
    tests: QUESTIONS,
  },
  {
    name: 'the task is not read again after the answers',
    file: 'src/pipeline/steps/questions.ts',
    edits: [
      ['  return again(context, memory, data.asked, { by: event.actor.login, words: null })\n', '  return advance(memory)\n'],
    ],
    tests: QUESTIONS,
  },
  {
    name: 'explorations go on when the first is done',
    file: 'src/pipeline/steps/parallel.ts',
    edits: [['  if (jobs.length > 0) {\n', '  if (jobs.length === children.length) {\n']],
    tests: ['src/pipeline/steps/parallel.test.ts'],
  },
  {
    name: 'a lost exploration is waited for',
    file: 'src/pipeline/steps/parallel.ts',
    edits: [
      ["if (event.type === 'job.lost' && event.job === child.job) {", "if (event.type === 'job.lost' && event.job === '') {"],
    ],
    tests: ['src/pipeline/steps/parallel.test.ts'],
  },
  {
    name: 'a step files its issue again',
    file: 'src/pipeline/steps/ticket.ts',
    edits: [
      [
        "    if (step.output?.kind === 'ticket') return { data: { phase: 'idle' }, next: { go: 'advance', output: step.output } }\n",
        '',
      ],
    ],
    tests: ['src/pipeline/steps/ticket.test.ts'],
  },
  {
    name: 'a deployment of an older head counts',
    file: 'src/pipeline/steps/deploy.ts',
    edits: [
      [
        '  if (moved(context, { heads })) return redeploy(context)\n  const { run, config, now } = context\n',
        '  const { run, config, now } = context\n',
      ],
    ],
    tests: ['src/pipeline/steps/deploy.test.ts'],
  },
  {
    name: 'a deployment is never given up',
    file: 'src/pipeline/steps/deploy.ts',
    edits: [['  if (now >= end) {\n', '  if (now < 0) {\n']],
    tests: ['src/pipeline/steps/deploy.test.ts'],
  },
  {
    name: 'a release without any sign is called healthy',
    file: 'src/pipeline/steps/release.ts',
    edits: [["newest.good ? 'healthy' : 'no-data'", "'healthy'"]],
    tests: ['src/pipeline/steps/release.test.ts'],
  },
  {
    name: 'a regression is left to the agent on call',
    file: 'src/pipeline/steps/release.ts',
    edits: [
      [
        "note: said.slice(0, 500), ...awaitPerson(context, 'regression') }",
        "...finish(kept, 'regressed', regression), note: said }",
      ],
    ],
    tests: ['src/pipeline/steps/release.test.ts'],
  },
  {
    name: 'an estimate under its threshold does not pass a step over',
    file: 'src/pipeline/unneeded.ts',
    edits: [['axes.some(({ value, threshold }) => value >= threshold)', 'axes.length > 0']],
    tests: ['src/pipeline/steps/estimate.test.ts'],
  },
  {
    name: 'a seventeenth call of a workflow begins',
    file: 'src/pipeline/steps/workflow-start.ts',
    edits: [['return fit.slice(0, CALLS_AT_ONCE - calls.length)', 'return fit']],
    tests: WORKFLOW,
  },
  {
    name: 'two calls of a workflow write to the work branches at once',
    file: 'src/pipeline/steps/workflow-start.ts',
    edits: [
      ['if (known.has(call.index) || (writes && writesHere(call))) return false', 'if (known.has(call.index)) return false'],
    ],
    tests: WORKFLOW,
  },
  {
    name: 'what a call ended with while its script was told is forgotten',
    file: 'src/pipeline/steps/workflow-advanced.ts',
    edits: [
      ['const settled = data.settled.filter(({ index }) => !told.has(index))', 'const settled: typeof data.settled = []'],
    ],
    tests: WORKFLOW,
  },
  {
    name: "the branches of a workflow's call are taken for the run's",
    file: 'src/pipeline/job-ended.ts',
    edits: [['if (!worksApart(step, event.job)) observeJob', 'observeJob']],
    tests: WORKFLOW,
  },
]
