import type { Control } from '../commands/checkbox.ts'
import type { Run } from '../pipeline/model.ts'
import { activeStep, latestOutput } from '../pipeline/state.ts'
import { causeText } from './failure-text.ts'

/** What can be done now, by ticking. Only what would do something. */
export function controlsOf(run: Run): Control[] {
  const { prefix } = run.settings
  const stop = control('stop', 'Stop')
  switch (run.status.state) {
    case 'queued':
      return [stop]
    case 'failed':
      return causeText(run.status.failure.cause).command === 'retry'
        ? [control('retry', `Try again — or comment \`${prefix} retry\``)]
        : []
    case 'paused':
      return [control('resume', `Go on — or comment \`${prefix} resume\``), stop]
    case 'done':
    case 'stopped':
      return []
    case 'active':
      return [...asked(run), stop]
  }
}

function control(id: string, label: string): Control {
  return { id, label, checked: false }
}

function asked(run: Run): Control[] {
  const wait = activeStep(run)?.status.wait
  if (wait?.for !== 'person') return []
  const { prefix } = run.settings
  const orComment = (command: string) => `— or comment \`${prefix} ${command}\``
  switch (wait.what) {
    case 'approve': {
      const hash = latestOutput(run, 'plan')?.hash
      return hash === undefined ? [] : [control(`approve:${hash}`, `Approve plan \`${hash}\` ${orComment(`approve ${hash}`)}`)]
    }
    case 'cap':
      return [
        control('extra-round', `Send it back once more ${orComment('extra-round')}`),
        control('proceed', `Go on with it as it is ${orComment('proceed')}`),
      ]
    case 'evidence':
      return [
        control('extra-round', `Have it fixed once more ${orComment('extra-round')}`),
        control('retry', `Ask GitHub for the checks again ${orComment('retry')}`),
      ]
    case 'merge':
      return [control('merge', `Merge ${orComment('merge')}`)]
    case 'answers':
    case 'decision':
    case 'regression':
      return []
  }
}
