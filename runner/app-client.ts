import pRetry from 'p-retry'
import type { z } from 'zod'
import {
  ApiError,
  CONTROL_POLL_MS,
  Control,
  jobPath,
  type ProgressRequest,
  type ResultRequest,
  RUNNER_HEARTBEAT_PATH,
  type RunnerHeartbeat,
  StartAnswer,
  TokenAnswer,
  type TokenEnd,
  type TokenRequest,
} from '../src/contract/api.ts'
import { type Cause, SwitchyardError } from '../src/contract/failure.ts'
import { ModelCallAnswer, type ModelCallEnd, type ModelCallRequest } from '../src/contract/model-call.ts'

/** How long one request may take, in ms. The control poll gets the time that the app may hold it open on top. */
export const REQUEST_TIMEOUT_MS = 10_000
/** How long a stopping runner takes to tell of a job that it hands back, in ms. */
const HAND_BACK_TIMEOUT_MS = 2_000
/** How long a runner takes to tell of a token that is used, in ms; the app ends it also where GitHub takes longer. */
const TOKEN_END_TIMEOUT_MS = 2_000
/** First wait after a failed request, in ms; it doubles up to the longest. */
const RETRY_FIRST_MS = 250
const RETRY_LONGEST_MS = 10_000
/** Tries of an ordinary request. The result is tried for as long as the job lives. */
const RETRIES = 6

/** The app refused a request (4xx): trying again will not help. */
export class AppRefusedError extends SwitchyardError {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super({ cause: causeOf(status), message: message.slice(0, 2_000) })
    this.name = 'AppRefusedError'
    this.status = status
    this.code = code
  }
}

/** The app's internal API as a runner uses it. Methods throw {@link AppRefusedError} for 4xx and otherwise keep trying. */
export interface AppClient {
  heartbeat(beat: z.infer<typeof RunnerHeartbeat>, signal?: AbortSignal): Promise<void>
  start(job: string, runner: string, signal?: AbortSignal): Promise<StartAnswer>
  token(job: string, request: z.infer<typeof TokenRequest>, signal?: AbortSignal): Promise<string>
  /** The token has done its operation. Tried once, for 2 s at most. */
  tokenEnd(job: string, token: string): Promise<void>
  /** Whether a call of a model may be made. */
  modelCall(job: string, request: ModelCallRequest): Promise<ModelCallAnswer>
  modelCallEnd(job: string, request: ModelCallEnd): Promise<void>
  progress(job: string, request: z.infer<typeof ProgressRequest>, signal?: AbortSignal): Promise<Control>
  /** A long poll: answers when the app wants something of this start, or after its time with nothing. */
  control(job: string, start: number, signal: AbortSignal): Promise<Control>
  /** The job is not this runner's any more. */
  handBack(job: string, runner: string): Promise<void>
  /** Repeats until the app has taken it or refuses it. */
  result(job: string, request: z.infer<typeof ResultRequest>, signal?: AbortSignal): Promise<void>
}

export interface AppClientOptions {
  readonly appUrl: string
  readonly secret: string
  readonly retryFirstMs?: number
}

export function createAppClient(options: AppClientOptions): AppClient {
  const base = options.appUrl.replace(/\/+$/, '')

  async function once(method: 'GET' | 'POST', path: string, body: unknown, timeoutMs: number, signal?: AbortSignal) {
    const { status, text } = await exchange(method, path, body, timeoutMs, signal)
    if (status >= 200 && status < 300) return text === '' ? undefined : parsedJson(text)
    const said = ApiError.safeParse(parsedJson(text))
    const message = `The app answered ${status} to ${path}: ${said.success ? said.data.message : 'no reason given'}`
    const refused = status >= 400 && status < 500 && status !== 429 && status !== 408
    if (refused) throw new AppRefusedError(status, said.success ? said.data.error : 'unknown', message)
    throw new SwitchyardError({ cause: 'api', message })
  }

  async function exchange(method: 'GET' | 'POST', path: string, body: unknown, timeoutMs: number, signal?: AbortSignal) {
    const limit = AbortSignal.timeout(timeoutMs)
    const headers = { authorization: `Bearer ${options.secret}`, 'content-type': 'application/json' }
    try {
      const response = await fetch(base + path, {
        method,
        headers,
        // The secret goes to the configured app and nowhere else.
        redirect: 'error',
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      })
      return { status: response.status, text: await response.text() }
    } catch (error) {
      throw new SwitchyardError({ cause: 'api', message: `The app could not be reached for ${path}.` }, { cause: error })
    }
  }

  async function ask(path: string, body: unknown, retries: number, signal?: AbortSignal): Promise<unknown> {
    return await pRetry(() => once('POST', path, body, REQUEST_TIMEOUT_MS, signal), {
      retries,
      factor: 2,
      minTimeout: options.retryFirstMs ?? RETRY_FIRST_MS,
      maxTimeout: RETRY_LONGEST_MS,
      randomize: true,
      shouldRetry: ({ error }) => !(error instanceof AppRefusedError),
      ...(signal === undefined ? {} : { signal }),
    })
  }

  return {
    async heartbeat(beat, signal) {
      await once('POST', RUNNER_HEARTBEAT_PATH, beat, REQUEST_TIMEOUT_MS, signal)
    },
    start: async (job, runner, signal) => StartAnswer.parse(await ask(jobPath(job, 'start'), { runner }, RETRIES, signal)),
    token: async (job, request, signal) => TokenAnswer.parse(await ask(jobPath(job, 'token'), request, RETRIES, signal)).token,
    async tokenEnd(job, token) {
      await once('POST', jobPath(job, 'token-end'), { token } satisfies TokenEnd, TOKEN_END_TIMEOUT_MS)
    },
    modelCall: async (job, request) => ModelCallAnswer.parse(await ask(jobPath(job, 'model-call'), request, RETRIES)),
    async modelCallEnd(job, request) {
      await ask(jobPath(job, 'model-call-end'), request, RETRIES)
    },
    async progress(job, request, signal) {
      return Control.parse(await once('POST', jobPath(job, 'progress'), request, REQUEST_TIMEOUT_MS, signal))
    },
    async control(job, start, signal) {
      const timeout = CONTROL_POLL_MS + REQUEST_TIMEOUT_MS
      return Control.parse(await once('GET', `${jobPath(job, 'control')}?start=${start}`, undefined, timeout, signal))
    },
    async handBack(job, runner) {
      await once('POST', jobPath(job, 'hand-back'), { runner }, HAND_BACK_TIMEOUT_MS)
    },
    async result(job, request, signal) {
      await ask(jobPath(job, 'result'), request, Number.POSITIVE_INFINITY, signal)
    },
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function causeOf(status: number): Cause {
  if (status === 401) return 'config'
  return status === 403 ? 'permission' : 'dispatch'
}
