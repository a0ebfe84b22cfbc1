import type { Context } from 'hono'
import type { z } from 'zod'
import type { ApiError } from '../../contract/api.ts'

/** Answers a runner with an error. */
export function refuse(
  context: Context,
  status: 400 | 401 | 403 | 404 | 409 | 500 | 502,
  error: string,
  message: string,
): Response {
  return context.json({ error, message } satisfies ApiError, status)
}

/** The request's body, or the answer that says where it is malformed. */
export async function body<T extends z.ZodType>(context: Context, schema: T): Promise<z.infer<T> | Response> {
  const json: unknown = await context.req.json().catch(() => undefined)
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  return refuse(context, 400, 'malformed', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not JSON'}`)
}
