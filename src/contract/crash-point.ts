import { appendFileSync } from 'node:fs'
import process from 'node:process'

/** The named places between two durable writes at which the crash tests kill the process. */
export const CRASH_POINTS = [
  'delivery-stored',
  'delivery-interpreted',
  'run-saved',
  'outbox-enqueued',
  'effect-before',
  'effect-done',
  'comment-posted',
  'pull-request-opened',
  'check-run-created',
  'merge-called',
  'job-enqueued',
  'result-stored',
  'timer-fired',
  'schedule-issue-opened',
  'calls-journaled',
  'script-advanced',
  'job-received',
  'workspace-ready',
  'agent-started',
  'agent-ended',
  'committed',
  'checkpoint-pushed',
  'pushed-one-leg',
  'pushed',
  'result-sent',
] as const
export type CrashPoint = (typeof CRASH_POINTS)[number]

/**
 * Dies here, as from `kill -9`, when `SWITCHYARD_CRASH_AT` names this point (`name` or `name#n` for its n-th passing);
 * otherwise does nothing. `SWITCHYARD_CRASH_LOG` names a file that gets a line first, so that a test knows the moment.
 */
export function crashPoint(name: CrashPoint): void {
  const wanted = process.env.SWITCHYARD_CRASH_AT
  if (wanted === undefined) return
  const [point, nth = '1'] = wanted.split('#')
  if (point !== name) return
  const passed = Number(process.env.SWITCHYARD_CRASH_PASSED ?? '0') + 1
  process.env.SWITCHYARD_CRASH_PASSED = String(passed)
  if (passed !== Number(nth)) return
  const log = process.env.SWITCHYARD_CRASH_LOG
  if (log !== undefined) appendFileSync(log, `${JSON.stringify({ point: name, at: Date.now(), pid: process.pid })}\n`)
  process.kill(process.pid, 'SIGKILL')
}
