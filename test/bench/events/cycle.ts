/** Runs that never end: planning done, restarted, done again. Both events write what most do: effects, a timer, history. */
import { RunId } from '../../../src/contract/ids.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import type { RunEvent } from '../../../src/pipeline/events.ts'
import { Run } from '../../../src/pipeline/model.ts'
import { activeStep } from '../../../src/pipeline/state.ts'
import { ALICE, aRun, stepId } from '../../support/core/build.ts'
import { planned } from '../../support/core/results.ts'

/** A new run over three repositories, admitted and waiting for its planner. `n` names it and is its issue's number. */
export async function startRun(engine: Engine, n: number): Promise<Run> {
  const made = aRun({ id: `bench${n}` })
  const run = Run.parse({ ...made, id: RunId.parse(`bench${n}`), task: { ...made.task, number: n } })
  await engine.create(run, { priority: false, text: '' })
  return applied(engine, run, 'admitted', { type: 'run.admitted' })
}

/** Brings a run its next event. */
export function nextEvent(engine: Engine, run: Run): Promise<Run> {
  const wait = activeStep(run)?.status.wait
  const event: RunEvent =
    wait?.for === 'job'
      ? { type: 'job.finished', job: wait.job, result: planned() }
      : {
          type: 'command.restart',
          actor: ALICE,
          trigger: { kind: 'comment', commentId: run.version, index: 0 },
          step: stepId('plan'),
        }
  return applied(engine, run, `event-${run.version}`, event)
}

async function applied(engine: Engine, run: Run, key: string, event: RunEvent): Promise<Run> {
  const outcome = await engine.apply(run.id, key, event)
  if (!outcome.applied || outcome.run.version === run.version) throw new Error(`${event.type} changed nothing`)
  return outcome.run
}
