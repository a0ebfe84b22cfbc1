/** A dynamic workflow started by its name: the pipeline that it is then (WF). */
import { WORKFLOW_NAME } from '../pipeline/steps/workflow-data.ts'
import type { StepFile } from './file.ts'

/** `workflow:<name>`, in a command or behind the start label's colon. No pipeline of a file can be called so. */
export const WORKFLOW_PREFIX = 'workflow:'

/** The script that a pipeline's name stands for; null where it is a pipeline like any other. */
export function workflowOf(pipeline: string): string | null {
  return pipeline.startsWith(WORKFLOW_PREFIX) ? pipeline.slice(WORKFLOW_PREFIX.length) : null
}

/**
 * The steps of a workflow that is started by itself: what it changed is kept green, and left to people, ready to be reviewed
 * and merged. Null where the name is none of a workflow.
 */
export function workflowPipeline(pipeline: string): StepFile[] | null {
  const name = workflowOf(pipeline)
  if (name === null || !WORKFLOW_NAME.test(name)) return null
  return [{ kind: 'workflow', workflow: name }, { kind: 'ci' }]
}
