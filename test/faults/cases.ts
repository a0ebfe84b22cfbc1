/** The crash points, each with the passing of it at which the process is killed, and what must be set up for that. */
import type { CrashPoint } from '../../src/contract/crash-point.ts'
import type { Held, ThreadLength } from './threads.ts'

export interface CrashCase {
  point: CrashPoint
  /** Which passing of it, from 1, in the life of the process. */
  nth: number
  /** Whose code has this point. */
  of: 'app' | 'runner'
  /** What has just happened there. */
  moment: string
  thread: ThreadLength
  held?: Held
  env?: Record<string, string>
  /** In every test run, not only where all are asked for. */
  always?: true
}

export const CASES: readonly CrashCase[] = [
  app('delivery-stored', 1, 'the label is stored, not answered'),
  app('delivery-interpreted', 1, 'the label is read, nothing done yet'),
  app('run-saved', 1, 'the run is created, nothing is in a queue', { always: true }),
  app('run-saved', 9, 'a later decision is committed, not announced'),
  app('outbox-enqueued', 3, 'effects are in the queue, not marked as such'),
  app('effect-before', 1, 'the first effect is about to be done'),
  app('effect-before', 14, 'a later effect is about to be done'),
  app('effect-done', 3, 'an effect is done, not marked as such'),
  app('comment-posted', 1, 'the status comment is posted, its id not kept', { always: true }),
  app('pull-request-opened', 1, 'one of two pull requests is open, neither is kept', { always: true }),
  app('check-run-created', 3, 'a check run is created, its id not kept'),
  app('merge-called', 1, 'the provider is merged, the run does not know', { always: true, thread: 'whole' }),
  app('merge-called', 2, 'the consumer is merged, the run does not know'),
  app('job-enqueued', 2, 'the code job is stored, not in the queue'),
  app('result-stored', 2, "the code job's result is stored, the runner not told"),
  app('timer-fired', 1, 'the gate asked again, the waking not acknowledged', { held: 'ci', env: { SWEEP_CHECKS_MS: '500' } }),
  runner('job-received', 2, 'the code job is taken from the queue'),
  runner('workspace-ready', 2, 'both repositories are checked out'),
  runner('agent-started', 2, 'the coding agent works', { always: true }),
  runner('agent-ended', 4, 'the fixer has ended, nothing is committed for it', { thread: 'whole' }),
  runner('committed', 2, 'the work is committed, nothing is pushed'),
  runner('checkpoint-pushed', 1, 'half of the work is pushed, the agent works on', { held: 'coder' }),
  runner('pushed-one-leg', 1, 'one of two repositories is pushed', { always: true }),
  runner('pushed', 4, 'the fix is pushed, not reported', { thread: 'whole' }),
  runner('result-sent', 2, 'the result is taken, the queue not told'),
]

type Rest = Partial<Pick<CrashCase, 'thread' | 'held' | 'env' | 'always'>>

function app(point: CrashPoint, nth: number, moment: string, rest: Rest = {}): CrashCase {
  return { point, nth, of: 'app', moment, thread: 'short', ...rest }
}

function runner(point: CrashPoint, nth: number, moment: string, rest: Rest = {}): CrashCase {
  return { point, nth, of: 'runner', moment, thread: 'short', ...rest }
}
