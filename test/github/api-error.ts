export interface FieldError {
  resource: string
  field?: string
  code: string
  message?: string
}

/** An answer that is GitHub's kind of error. */
export class ApiError extends Error {
  readonly status: number
  readonly errors: FieldError[] | undefined
  readonly headers: Record<string, string>

  constructor(status: number, message: string, more: { errors?: FieldError[]; headers?: Record<string, string> } = {}) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.errors = more.errors
    this.headers = more.headers ?? {}
  }
}

export function notFound(): ApiError {
  return new ApiError(404, 'Not Found')
}

export function invalid(resource: string, field: string, code = 'invalid', message?: string): ApiError {
  return new ApiError(422, 'Validation Failed', {
    errors: [{ resource, field, code, ...(message === undefined ? {} : { message }) }],
  })
}
