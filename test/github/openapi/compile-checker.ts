import type { Ajv, ErrorObject } from 'ajv'

/** What is wrong with a value, in words. */
export type Checker = (value: unknown) => string[]

const MOST_ERRORS = 12

export function compileChecker(ajv: Ajv, schema: unknown): Checker {
  const validate = ajv.compile(typeof schema === 'object' && schema !== null ? schema : {})
  return (value) => {
    // As it goes over the wire: without what JSON leaves out.
    if (validate(JSON.parse(JSON.stringify(value ?? null)))) return []
    return (validate.errors ?? []).slice(0, MOST_ERRORS).map(words)
  }
}

function words({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath || '/'} ${message} ${JSON.stringify(params)}`
}
