import { JobResult } from '../../src/contract/job.ts'
import type { Redactor } from '../../src/contract/redact.ts'

/** The result with secrets taken out of every text in it, the agent's report included. */
export function redactedResult(redactor: Redactor, result: JobResult): JobResult {
  return JobResult.parse(redacted(redactor, result))
}

function redacted(redactor: Redactor, value: unknown): unknown {
  if (typeof value === 'string') return redactor.redact(value)
  if (Array.isArray(value)) return value.map((item) => redacted(redactor, item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redacted(redactor, item)]))
}
