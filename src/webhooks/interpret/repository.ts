import { z } from 'zod'
import { common, type Interpreter } from './payload.ts'

const Changed = z.discriminatedUnion('action', [
  z.object({ action: z.enum(['renamed', 'transferred', 'deleted']), ...common }),
  z.object({ action: z.literal('edited'), changes: z.object({ default_branch: z.unknown() }), ...common }),
])

/**
 * `repository`: another name, owner or default branch, or gone. Edits of anything else mean nothing.
 *
 * @see https://docs.github.com/en/webhooks/webhook-events-and-payloads#repository
 */
export const interpretRepository: Interpreter = (payload) => {
  const parsed = Changed.safeParse(payload)
  if (!parsed.success) return []
  const { installation, repository } = parsed.data
  if (parsed.data.action === 'edited' && parsed.data.changes.default_branch === undefined) return []
  const gone = parsed.data.action === 'deleted'
  return [{ type: 'repository-changed', installationId: installation.id, repositoryId: repository.id, gone }]
}
