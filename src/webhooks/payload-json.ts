import { z } from 'zod'

/** What a relational store's JSON cannot hold: NUL, and halves of a surrogate pair. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/i

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

/** Parses a delivery's body; null where it is no JSON object. Characters that cannot be stored are dropped or replaced. */
export function parsePayload(body: string): ParsedPayload | null {
  const payload = parseJson(body)
  const envelope = Envelope.safeParse(payload)
  if (!envelope.success) return null
  const { action, installation, repository } = envelope.data
  return { payload, action, installationId: installation?.id ?? null, repositoryId: repository?.id ?? null }
}

function parseJson(body: string): unknown {
  try {
    return UNSTORABLE.test(body) ? JSON.parse(body, storable) : JSON.parse(body)
  } catch {
    return null
  }
}

function storable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('\u0000', '').toWellFormed() : value
}
