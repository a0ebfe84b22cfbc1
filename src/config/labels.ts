/** Which labels start a run, and of which pipeline (CMD-1). */
import type { Configuration } from './configuration.ts'

export type StartLabels = Configuration['labels']

/**
 * The pipeline that a label starts; null for the default one; undefined where it is no start label. GitHub tells labels
 * apart without regard to case, and so do we; a pipeline's name is taken as it is written.
 */
export function pipelineOf(label: string, { start, pipelines }: StartLabels): string | null | undefined {
  const lower = label.toLowerCase()
  const named = Object.entries(pipelines).find(([, name]) => name.toLowerCase() === lower)
  if (named !== undefined) return named[0]
  if (lower === start.toLowerCase()) return null
  if (!lower.startsWith(`${start.toLowerCase()}:`)) return undefined
  const name = label.slice(start.length + 1).trim()
  return name === '' ? undefined : name
}
