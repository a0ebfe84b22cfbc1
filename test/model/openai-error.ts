/** As both of OpenAI's formats have an error: https://platform.openai.com/docs/guides/error-codes. */
interface OpenAiError {
  error: { message: string; type: string; param: null; code: string | null }
}

const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'invalid_request_error',
  429: 'rate_limit_error',
}
const CODES: Readonly<Record<number, string>> = { 401: 'invalid_api_key', 429: 'rate_limit_exceeded' }

export function openaiError(status: number, message: string, code: string | null = CODES[status] ?? null): OpenAiError {
  return { error: { message, type: TYPES[status] ?? 'server_error', param: null, code } }
}
