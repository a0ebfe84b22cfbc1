// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are pieces of source, not templates
/** Faults in what is written once for every step kind: fencing, commands, pauses, retries, decisions. */
import type { SourceFault } from '../faults.ts'

const DECIDE = ['src/pipeline/decide.test.ts', 'src/pipeline/closed-and-moved.test.ts']
const COMMAND = ['src/pipeline/command.test.ts', 'src/pipeline/command-table.test.ts', 'src/pipeline/command-keeps.test.ts']
const RETRY = ['src/pipeline/retry-policy.test.ts']
const DECISION = ['src/pipeline/decision.test.ts']

const decide = 'src/pipeline/decide.ts'
const turn = 'src/pipeline/turn.ts'
const commands = 'src/pipeline/command.ts'
const words = 'src/pipeline/command-words.ts'
const commandRun = 'src/pipeline/command-run.ts'
const commandSteps = 'src/pipeline/command-steps.ts'
const offer = 'src/pipeline/offer.ts'
const jobEnded = 'src/pipeline/job-ended.ts'
const timerFired = 'src/pipeline/timer-fired.ts'
const pause = 'src/pipeline/pause.ts'
const retry = 'src/pipeline/retry-policy.ts'
const decision = 'src/pipeline/decision.ts'

export const ENGINE_FAULTS: readonly SourceFault[] = [
  {
    name: 'a result of an older epoch is taken',
    file: offer,
    edits: [
      [
        'awaitedJobs(step.status.wait).includes(job) ? step',
        "awaitedJobs(step.status.wait).some((own) => own.replace(/\\d+$/, '') === job.replace(/\\d+$/, '')) ? step",
      ],
    ],
    tests: DECIDE,
  },
  {
    name: 'a lost job of an older epoch is believed',
    file: jobEnded,
    edits: [
      [
        "function jobLost(turn: Turn, event: RunEventOf<'job.lost'>): boolean {\n  const step = waitsForJob(turn, event.job)",
        "function jobLost(turn: Turn, event: RunEventOf<'job.lost'>): boolean {\n  const step = turn.run.steps.find(({ status }) => status.state === 'active')",
      ],
    ],
    tests: DECIDE,
  },
  {
    name: 'an answer to an older question is taken',
    file: offer,
    edits: [['awaitedEffect(step.status.wait) === effect', 'awaitedEffect(step.status.wait) !== null']],
    tests: [...DECIDE, 'src/pipeline/steps/agent.test.ts'],
  },
  {
    name: 'an effect that failed is only written down',
    file: decide,
    edits: [['if (enqueues || waitsFor(turn, event.effect)) {', 'if (turn.transitions < 0) {']],
    tests: DECIDE,
  },
  {
    name: 'a failed show asks for the next one',
    file: decide,
    edits: [
      [
        "note(turn, 'effect.failed', `${event.effect}: ${event.failure.cause}: ${event.failure.message}`)\n  turn.show = false",
        "note(turn, 'effect.failed', `${event.effect}: ${event.failure.cause}: ${event.failure.message}`)",
      ],
    ],
    tests: DECIDE,
  },
  {
    name: 'an escalation ends the wait for a person',
    file: timerFired,
    edits: [
      [
        "step.status = { state: 'active', wait: { ...wait, escalated: true } }",
        "failStep(turn, step, { cause: 'stopped', message: 'nobody came' })",
      ],
    ],
    tests: DECIDE,
  },
  {
    name: 'a closed pull request does not hold the run',
    file: decide,
    edits: [["if (status.state !== 'active' || fresh.length === 0) return false", 'if (fresh.length >= 0) return false']],
    tests: DECIDE,
  },
  {
    name: 'the draft writes into the given run',
    file: turn,
    edits: [['steps: run.steps.map((step) => ({ ...step }))', 'steps: run.steps']],
    tests: DECIDE,
  },
  {
    name: 'a step that begins anew keeps its epoch',
    file: turn,
    edits: [['  step.epoch += 1\n  step.startedAt', '  if (step.epoch === 0) step.epoch += 1\n  step.startedAt']],
    tests: DECIDE,
  },
  {
    name: 'a failed run leaves GitHub to merge',
    file: turn,
    edits: [['  withdrawMerge(turn, step)\n  leave(turn, step)', '  leave(turn, step)']],
    tests: ['src/pipeline/steps/merge-more.test.ts'],
  },
  {
    name: 'a stop is answered, and nothing stops',
    file: commands,
    edits: [["case 'command.stop':\n      return stop(turn, event)", "case 'command.stop':\n      return null"]],
    tests: COMMAND,
  },
  {
    name: 'a stop forgets the job',
    file: commandRun,
    edits: [['    cancelJobs(turn, step, `stopped by ${event.actor.login}`)\n', '']],
    tests: COMMAND,
  },
  {
    name: 'a stopped run can be retried',
    file: commandSteps,
    edits: [
      [
        "return turn.run.status.state === 'failed' ? retry",
        "return ['failed', 'stopped'].includes(turn.run.status.state) ? retry",
      ],
      [
        "const step = run.steps.find(({ status }) => status.state === 'failed')",
        "const step = run.steps.find(({ status }) => ['failed', 'cancelled'].includes(status.state))",
      ],
    ],
    tests: COMMAND,
  },
  {
    name: 'a restart loses the step’s configuration',
    file: commandSteps,
    edits: [
      [
        'each.data = stepKind(each.kind).initial(each.config)',
        'each.config = { id: each.config.id, kind: each.config.kind, enabled: true, required: false }\n    each.data = stepKind(each.kind).initial(each.config)',
      ],
    ],
    tests: COMMAND,
  },
  {
    name: 'a restart begins anew without its job’s end',
    file: commandSteps,
    edits: [['    cancelJobs(turn, current, `${event.step} was restarted by ${event.actor.login}`)\n', '']],
    tests: COMMAND,
  },
  {
    name: 'refusals are not answered',
    file: commands,
    edits: [["  turn.effects.push({\n    kind: 'answer',", "  if (refusal === null) turn.effects.push({\n    kind: 'answer',"]],
    tests: COMMAND,
  },
  {
    name: 'a required step is skipped',
    file: commandSteps,
    edits: [['if (step.config.required) return', 'if (step.config.required && step.epoch < 0) return']],
    tests: COMMAND,
  },
  {
    name: 'a skipped step’s job goes on',
    file: commandSteps,
    edits: [
      ["  if (step.status.state === 'active') cancelJobs(turn, step, `${step.id} was skipped by ${event.actor.login}`)\n", ''],
    ],
    tests: COMMAND,
  },
  {
    name: 'a paused run takes every command',
    file: words,
    edits: [
      ["return run.status.state === 'paused' ? `The run is paused;", 'return run.version < 0 ? `The run is paused;'],
      ["return turn.run.status.state === 'active' ? heldStep(turn) : undefined", 'return heldStep(turn)'],
    ],
    tests: COMMAND,
  },
  {
    name: 'a pause leaves the job at work',
    file: pause,
    edits: [['    cancelJobs(turn, step, `paused by ${by}`, true)\n', '']],
    tests: [...COMMAND, ...DECIDE],
  },
  {
    name: 'a pause leaves GitHub to merge',
    file: pause,
    edits: [['    withdrawMerge(turn, step)\n', '']],
    tests: ['src/pipeline/steps/merge-more.test.ts'],
  },
  {
    name: 'a run that goes on waits for what passed by meanwhile',
    file: pause,
    edits: [["      enterStep(turn, step, 'resume')\n      return", '      return']],
    tests: [...COMMAND, ...DECIDE],
  },
  {
    name: 'a run that goes on does not ask what it missed',
    file: pause,
    edits: [['      sweepNow(turn, step)\n', '']],
    tests: [...COMMAND, ...DECIDE],
  },
  {
    name: 'what a person closed is merged with the rest',
    file: pause,
    edits: [['{ ...leg, dropped: true, planned: false }', '{ ...leg, planned: false }']],
    tests: DECIDE,
  },
  {
    name: 'an attempt is made again at once',
    file: retry,
    edits: [['const soonest = now + settings.gapMs', 'const soonest = now']],
    tests: RETRY,
  },
  {
    name: 'an attempt more than the budget',
    file: retry,
    edits: [['own >= settings.cap', 'own > settings.cap']],
    tests: RETRY,
  },
  {
    name: 'the infrastructure’s attempts are not counted',
    file: retry,
    edits: [['retries: { own, infrastructure: infrastructure + 1 }', 'retries: { own, infrastructure }']],
    tests: RETRY,
  },
  {
    name: 'a red check is tried again by itself',
    file: retry,
    edits: [["  'no-changes': 'never',", "  'no-changes': 'fresh-session',"]],
    tests: RETRY,
  },
  {
    name: 'a doubled timer makes the attempt early',
    file: timerFired,
    edits: [
      [
        "function tryAgain(turn: Turn, step: Step, wait: Extract<Wait, { for: 'retry' }>): boolean {\n  if (turn.now < wait.until) {",
        "function tryAgain(turn: Turn, step: Step, wait: Extract<Wait, { for: 'retry' }>): boolean {\n  if (turn.now < 0) {",
      ],
    ],
    tests: RETRY,
  },
  {
    name: 'the next attempt forgets its timer',
    file: turn,
    edits: [['    turn.timers.push({ id: `${step.id}-${step.epoch}-retry`, at: retry.at })\n', '']],
    tests: RETRY,
  },
  {
    name: 'the agent is not told the decision',
    file: decision,
    edits: [['  step.feedback = [...step.feedback, feedback].slice(-50)\n', '']],
    tests: DECISION,
  },
  {
    name: 'a decision is not kept',
    file: decision,
    edits: [
      [
        '[...turn.run.decisions, { step: step.id, question: question.text, answer, by }].slice(-100)',
        '[...turn.run.decisions]',
      ],
    ],
    tests: DECISION,
  },
  {
    name: 'a question for a decision forgets its escalation',
    file: turn,
    edits: [['  turn.timers.push({ id: `${step.id}-${step.epoch}-escalate`, at: escalateAt })\n', '']],
    tests: DECISION,
  },
]
