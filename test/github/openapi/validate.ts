/** Holds answers against GitHub's own description of its REST API, trimmed to what is served (see `trim.ts`). */
import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { type Checker, compileChecker } from './compile-checker.ts'
import type { TrimmedDescription } from './trim.ts'

export interface ResponseValidator {
  /** What is wrong with an answer, in words; empty when nothing is. `route` is GitHub's path template. */
  validateResponse(method: string, route: string, status: number, body: unknown): string[]
}

/** Answers whose status the description does not list are held against nothing but GitHub's error body. */
/** What every operation answers where the repository has another name now; described on a page of its own. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 307])

export function createResponseValidator(): ResponseValidator {
  const text = readFileSync(new URL('rest.json', import.meta.url), 'utf8')
  const description: TrimmedDescription = JSON.parse(text)
  const checkers = new Map<string, Checker>()
  const ajv = new Ajv({
    strict: false,
    allErrors: true,
    validateFormats: false,
    inlineRefs: false,
    code: { optimize: false },
    logger: false,
  })
  ajv.addSchema({ $id: 'rest', schemas: description.schemas })

  return {
    validateResponse(method, route, status, body) {
      const answers = description.operations[`${method} ${route}`]
      // https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
      if (REDIRECTS.has(status)) return []
      if (!answers) return [`${method} ${route} is not in the description: run trim.ts`]
      const schema = answers[String(status)]
      if (schema === undefined) return status >= 400 ? errorBody(body) : [`status ${status} is not described`]
      if (schema === null) return []
      const key = `${method} ${route} ${status}`
      const checker = checkers.get(key) ?? compileChecker(ajv, withBase(schema))
      checkers.set(key, checker)
      return checker(body)
    },
  }
}

function errorBody(body: unknown): string[] {
  const isError = typeof body === 'object' && body !== null && 'message' in body && 'documentation_url' in body
  return isError ? [] : ['an error without message and documentation_url']
}

/** The references inside one answer's schema, made to point into the shared document. */
function withBase(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"rest#/'))
}
