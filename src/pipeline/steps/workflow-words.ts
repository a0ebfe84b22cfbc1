import type { PhaseCount } from '../workflow.ts'
import type { WorkflowData } from './workflow-data.ts'

/** All phases together. */
export function totalOf(phases: readonly PhaseCount[]): Omit<PhaseCount, 'title'> {
  const sum = (of: (phase: PhaseCount) => number) => phases.reduce((total, phase) => total + of(phase), 0)
  return { asked: sum(({ asked }) => asked), done: sum(({ done }) => done), failed: sum(({ failed }) => failed) }
}

/** How a workflow stands, in a few words. */
export function describeWorkflow(data: WorkflowData): string {
  switch (data.phase) {
    case 'idle':
      return ''
    case 'opening':
      return 'opening pull requests'
    case 'working': {
      const { asked, done, failed } = totalOf(data.phases)
      if (asked === 0) return 'reading the script'
      const current = data.phases.findLast((phase) => phase.asked > phase.done + phase.failed)?.title ?? ''
      const words = `${done} of ${asked} calls done${failed === 0 ? '' : `, ${failed} came to nothing`}`
      return current === '' ? words : `${current}: ${words}`
    }
  }
}

/** How much of a workflow that began again came from its journal. */
export function replayedWords(calls: number): string {
  return `${calls === 1 ? '1 call was' : `${calls} calls were`} done before, and cost nothing again`
}
