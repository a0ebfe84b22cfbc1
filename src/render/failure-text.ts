import type { Cause } from '../contract/failure.ts'

/** What a cause means for people: what happened, and what they can do about it (FAIL-1). */
export interface CauseText {
  what: string
  remedy: string
  /** The command that does it, without the prefix: `retry` goes on at the step, `run` starts the task anew. */
  command: 'retry' | 'run'
}

const TEXTS: Record<Cause, CauseText> = {
  config: {
    what: 'The configuration does not work.',
    remedy:
      'Correct `.github/switchyard.yml` on the default branch, then start the task again: a run keeps the one it began with.',
    command: 'run',
  },
  permission: {
    what: 'Switchyard lacks a permission.',
    remedy: 'Grant it in the settings of the installation, then go on.',
    command: 'retry',
  },
  dispatch: {
    what: 'The job could not be handed to a runner.',
    remedy: 'See that a runner is up and offers this agent, then go on.',
    command: 'retry',
  },
  evicted: {
    what: 'The runner was lost, more than once.',
    remedy: 'See that the runners are well, then go on from what was pushed.',
    command: 'retry',
  },
  'timeout-inactivity': {
    what: 'The agent fell silent and was stopped.',
    remedy: 'What it had committed is kept. Go on from there.',
    command: 'retry',
  },
  'timeout-duration': {
    what: 'The agent used up its time and was stopped.',
    remedy: 'What it had committed is kept. Go on from there, or give the role more time.',
    command: 'retry',
  },
  agent: {
    what: 'The agent ended with an error.',
    remedy: 'Try again; if it happens twice, look at the log.',
    command: 'retry',
  },
  git: { what: 'A git operation failed.', remedy: 'Try again; if it happens twice, look at the log.', command: 'retry' },
  api: {
    what: 'GitHub did not do what it was asked for.',
    remedy: 'Try again; if it happens twice, look at the log.',
    command: 'retry',
  },
  model: { what: 'The model could not be reached or gave an error.', remedy: 'Try again when it is back.', command: 'retry' },
  'rate-limit': { what: 'A rate limit was reached.', remedy: 'Try again when it is over.', command: 'retry' },
  budget: { what: 'The budget is used up.', remedy: 'Raise it, then go on.', command: 'retry' },
  'no-usable-output': {
    what: 'The agent left no report that can be used.',
    remedy: 'Try again; if it happens twice, look at the log.',
    command: 'retry',
  },
  'no-changes': {
    what: 'The agent changed nothing and did not say why.',
    remedy: 'Say in the issue more exactly what is wanted and start it again, or have it tried once more as it is.',
    command: 'retry',
  },
  'no-progress': {
    what: 'The agent went round in circles and was stopped.',
    remedy: 'Say in the issue more exactly what is wanted and start it again, or have it tried once more as it is.',
    command: 'retry',
  },
  conflict: {
    what: 'The work conflicts with its base branch.',
    remedy: 'Resolve the conflict on the work branch, then go on.',
    command: 'retry',
  },
  ci: { what: 'The checks stay red.', remedy: 'Push a fix to the work branch, or try again.', command: 'retry' },
  tests: { what: 'The tests stay red.', remedy: 'Push a fix to the work branch, or try again.', command: 'retry' },
  companion: { what: 'The review does not accept the work.', remedy: 'Read its comments, then try again.', command: 'retry' },
  rejected: {
    what: 'Rejected by a person.',
    remedy: 'To try another way, change the issue first.',
    command: 'run',
  },
  stopped: { what: 'It was stopped.', remedy: 'Start it again when it is wanted.', command: 'run' },
  internal: {
    what: 'Something went wrong inside Switchyard.',
    remedy: 'Try again; if it happens twice, its operator should look at the log.',
    command: 'retry',
  },
}

/** The sentences for a cause. */
export function causeText(cause: Cause): CauseText {
  return TEXTS[cause]
}
