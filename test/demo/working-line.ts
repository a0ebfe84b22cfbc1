import type { JobProgress } from '../../src/contract/progress.ts'
import type { Run } from '../../src/pipeline/model.ts'
import { activeStep } from '../../src/pipeline/state.ts'
import { stepName } from '../../src/render/step-name.ts'
import { getJob } from '../../src/store/jobs.ts'
import type { Store } from '../../src/store/store.ts'

/** What is being worked on or waited for at this moment, in one line; null when nothing is. */
export async function workingLine(store: Store, run: Run, now: number): Promise<string | null> {
  const step = activeStep(run)
  if (step === null) return null
  const { wait } = step.status
  const since = `${Math.max(0, Math.round((now - (step.startedAt ?? now)) / 1_000))} s`
  switch (wait.for) {
    case 'job': {
      const job = await getJob(store.db, wait.job)
      return [stepName(step), `job ${wait.job}`, progressWords(job?.progress ?? null), since].join(' · ')
    }
    case 'checks':
      return `${stepName(step)} · waiting for CI · ${since}`
    case 'mergeability':
      return `${stepName(step)} · waiting for GitHub · ${since}`
    case 'jobs':
      return `${stepName(step)} · ${wait.jobs.length} jobs · ${since}`
    case 'calls':
      return `${stepName(step)} · ${wait.jobs.length} calls · ${since}`
    case 'outside':
      return `${stepName(step)} · waiting for ${wait.what} · ${since}`
    case 'retry':
      return `${stepName(step)} · trying again soon · ${since}`
    case 'effect':
      return `${stepName(step)} · asking GitHub · ${since}`
    case 'person':
      return `${stepName(step)} · waiting for a person · ${since}`
  }
}

function progressWords(progress: JobProgress | null): string {
  if (progress === null) return 'in the queue'
  return [progress.phase, progress.lastTool].filter((part) => part !== undefined).join(': ')
}
