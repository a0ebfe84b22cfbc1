import type { RunEventOf } from '../events.ts'
import { currentHeads } from '../state.ts'
import type { Outcome } from '../step-kind.ts'
import type { WorkflowContext, WorkflowData, Working } from './workflow-data.ts'
import { cancelAll, endWith, goOn } from './workflow-go-on.ts'
import { openMissing } from './workflow-pulls.ts'
import { begun, send, startable } from './workflow-start.ts'
import { replayedWords } from './workflow-words.ts'

/** The script went on: what it asks for begins, as far as there are places. */
export function advanced(
  context: WorkflowContext,
  data: Working,
  event: RunEventOf<'workflow.advanced'>,
): Outcome<WorkflowData> {
  const told = new Set(data.advancing?.settled)
  const settled = data.settled.filter(({ index }) => !told.has(index))
  const answeredSince = new Set(settled.map(({ index }) => index))
  const now: Working = {
    ...data,
    advancing: null,
    settled,
    checkpoints: event.checkpoints.filter(({ index }) => !answeredSince.has(index)),
    phases: event.phases,
    logged: event.logged,
    replayed: event.replayed ?? data.replayed,
  }
  const replayed = event.replayed === null ? [] : [replayedWords(event.replayed)]
  const notes = [...replayed, ...event.log]
  switch (event.script.state) {
    case 'failed':
      return { ...endWith(now, event.script.failure), notes }
    case 'done': {
      const output = {
        kind: 'workflow',
        workflow: context.config.workflow,
        title: event.script.title,
        text: event.script.text,
        phases: event.phases,
        heads: currentHeads(context.run),
      } as const
      const next = openMissing(context, output)
      return { ...next, effects: [...cancelAll(now, 'the script has ended'), ...(next.effects ?? [])], notes }
    }
    case 'waiting': {
      const sent = now.halt === null ? startable(now, event.start).map((call) => send(context, begun(context, call))) : []
      const calls = [...now.calls, ...sent.map(({ call }) => call)]
      const open = Math.max(0, event.script.open - sent.length)
      return {
        ...goOn(
          context,
          { ...now, calls, open },
          sent.flatMap(({ effects }) => effects),
        ),
        notes,
      }
    }
  }
}
