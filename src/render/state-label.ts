import type { Run } from '../pipeline/model.ts'
import { activeStep, shownState } from '../pipeline/state.ts'

/** A label as GitHub takes it; `color` is six hexadecimal digits without a hash. */
export interface StateLabel {
  name: string
  color: string
  description: string
}

/** What every state label's name begins with. */
export const STATE_LABEL_PREFIX = 'switchyard/'

/** The labels that show a run's state: one at a time (CMD-9). */
export const STATE_LABELS = {
  queued: { name: 'switchyard/queued', color: 'd4dbe3', description: 'Switchyard: waiting for a free place' },
  working: { name: 'switchyard/working', color: '4393e4', description: 'Switchyard: at work, nothing to do for people' },
  needsYou: {
    name: 'switchyard/needs-you',
    color: 'e8a33d',
    description: 'Switchyard: waits for a person; see the status comment',
  },
  ready: { name: 'switchyard/ready', color: '8250df', description: 'Switchyard: pull requests are ready to be merged' },
  done: { name: 'switchyard/done', color: '2da44e', description: 'Switchyard: done' },
  failed: {
    name: 'switchyard/failed',
    color: 'cf222e',
    description: 'Switchyard: ended without being done; see the status comment',
  },
  paused: { name: 'switchyard/paused', color: '8c959f', description: 'Switchyard: paused by a person' },
} as const satisfies Record<string, StateLabel>

/** The label that shows how a run stands. A stopped run ended without being done, like a failed one. */
export function stateLabel(run: Run): StateLabel {
  switch (shownState(run)) {
    case 'queued':
      return STATE_LABELS.queued
    case 'running':
      return STATE_LABELS.working
    case 'waiting': {
      // A run that waits while it is paused waits for somebody to say what becomes of a closed pull request.
      if (run.status.state === 'paused') return STATE_LABELS.needsYou
      const wait = activeStep(run)?.status.wait
      if (wait?.for === 'outside' && wait.what === 'review') return STATE_LABELS.needsYou
      if (wait?.for !== 'person') return STATE_LABELS.working
      return wait.what === 'merge' ? STATE_LABELS.ready : STATE_LABELS.needsYou
    }
    case 'paused':
      return STATE_LABELS.paused
    case 'done':
      return run.status.state === 'done' && run.status.outcome === 'ready' ? STATE_LABELS.ready : STATE_LABELS.done
    case 'failed':
    case 'stopped':
      return STATE_LABELS.failed
  }
}
