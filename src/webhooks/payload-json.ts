import { z } from 'zod'

/** A delivery's payload and the few fields that its row carries. */
export interface ParsedPayload {
  payload: unknown
  action: string | null
  installationId: number | null
  repositoryId: number | null
}

const id = z.object({ id: z.int().positive() })
const Envelope = z.object({
  action: z.string().nullable().catch(null),
  installation: id.nullable().catch(null),
  repository: id.nullable().catch(null),
})

/** Parses a delivery's body; null where it is no JSON object. */
export function parsePayload(body: string): ParsedPayload | null {
  const payload = parseJson(body)
  const envelope = Envelope.safeParse(payload)
  if (!envelope.success) return null
  const { action, installation, repository } = envelope.data
  return { payload, action, installationId: installation?.id ?? null, repositoryId: repository?.id ?? null }
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}
