import type { ProbotOctokit } from 'probot'

/** Answers that are remembered, over all installations. */
export const REMEMBERED_ANSWERS = 500
/** Largest answer that is remembered, in characters of JSON. */
export const REMEMBERED_SIZE = 32_768

type Client = InstanceType<typeof ProbotOctokit>
type Answer = Awaited<ReturnType<Client['request']>>

/** Remembers answers with their ETags, the least recently used forgotten first. */
export interface AnswerMemory {
  get(key: string): { etag: string; answer: Answer } | undefined
  set(key: string, etag: string, answer: Answer): void
}

/** An empty memory. */
export function createAnswerMemory(max: number = REMEMBERED_ANSWERS): AnswerMemory {
  const entries = new Map<string, { etag: string; answer: Answer }>()
  return {
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entries.delete(key)
      entries.set(key, entry)
      return entry
    },
    set(key, etag, answer) {
      const size = JSON.stringify(answer.data)?.length ?? 0
      entries.delete(key)
      if (size > REMEMBERED_SIZE) return
      entries.set(key, { etag, answer: structuredClone(answer) })
      const oldest = entries.keys().next()
      if (entries.size > max && oldest.done === false) entries.delete(oldest.value)
    },
  }
}

/**
 * Asks again for what was read before only whether it changed; "not modified" costs nothing of the rate limit. ETags
 * change with the token, so once an hour everything is read anew.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
 */
export function readConditionally(
  octokit: Pick<Client, 'hook' | 'request'>,
  installationId: number,
  memory: AnswerMemory,
): void {
  octokit.hook.wrap('request', async (request, options) => {
    if (options.method !== 'GET') return request(options)
    const key = `${installationId} ${options.mediaType.format ?? ''} ${octokit.request.endpoint.parse(options).url}`
    const known = memory.get(key)
    if (known !== undefined) options.headers = { ...options.headers, 'if-none-match': known.etag }
    try {
      const answer = await request(options)
      if (answer.status === 200 && answer.headers.etag !== undefined) memory.set(key, answer.headers.etag, answer)
      return answer
    } catch (error) {
      // Pagination changes the data it is given, so each gets a copy.
      if (known !== undefined && isNotModified(error)) return structuredClone(known.answer)
      throw error
    }
  })
}

function isNotModified(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'status' in error && error.status === 304
}
