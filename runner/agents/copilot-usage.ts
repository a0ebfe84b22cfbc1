import type { Usage } from '../../src/contract/job.ts'
import { readInside } from '../safe-file.ts'
import { CopilotUsageFile } from './copilot-schema.ts'
import { parseJson } from './json-lines.ts'

const FILE_MAX_BYTES = 1024 * 1024

/** What a whole session has used so far. */
export interface SessionTokens {
  input: number
  output: number
  cacheRead: number
}

/** What a session's usage file tells, or null where there is none that can be read. Does not throw. */
export async function sessionTokens(folder: string, file: string): Promise<SessionTokens | null> {
  const bytes = await readInside(folder, file, FILE_MAX_BYTES).catch(() => null)
  const parsed = CopilotUsageFile.safeParse(bytes === null ? null : parseJson(bytes.toString('utf8')))
  if (!parsed.success) return null
  const models = Object.values(parsed.data.modelMetrics).map(({ usage }) => usage)
  const sum = (of: (usage: (typeof models)[number]) => number) => models.reduce((total, usage) => total + of(usage), 0)
  return {
    input: sum(({ inputTokens }) => inputTokens),
    output: sum(({ outputTokens }) => outputTokens),
    cacheRead: sum(({ cacheReadTokens }) => cacheReadTokens),
  }
}

/** What was used between two readings; cached tokens are taken off the input's. */
export function tokensBetween(before: SessionTokens, after: SessionTokens): Usage {
  const since = (field: keyof SessionTokens) => Math.max(0, after[field] - before[field])
  return {
    inputTokens: Math.max(0, since('input') - since('cacheRead')),
    outputTokens: since('output'),
    cacheReadTokens: since('cacheRead'),
  }
}
