/** Posts JSON to the deployment's receiver of notices. Its address is a secret: no error repeats it. */
import { SwitchyardError } from '../contract/failure.ts'
import { createCheckedRequest, type RequestOptions, Unasked, wordOf } from './checked-request.ts'

/** How long the receiver may take, in ms. */
export const NOTICE_TIMEOUT_MS = 5_000

/** Posts one message. @throws {SwitchyardError} `config` where another attempt would end the same, else `api` */
export type PostNotice = (message: object) => Promise<void>

export interface PostNoticeOptions extends RequestOptions {
  url: string
  /** Overrides {@link NOTICE_TIMEOUT_MS}. */
  timeoutMs?: number
}

export function createPostNotice({ url, timeoutMs = NOTICE_TIMEOUT_MS, ...options }: PostNoticeOptions): PostNotice {
  const request = createCheckedRequest(options)
  return async (message) => {
    const status = await send(JSON.stringify(message))
    if (status >= 200 && status < 300) return
    throw failed(isFinal(status) ? 'config' : 'api', `it answered ${status}`)
  }

  async function send(body: string): Promise<number> {
    const signal = AbortSignal.timeout(timeoutMs)
    const length = Buffer.byteLength(body)
    const headers = { 'user-agent': 'switchyard', 'content-type': 'application/json', 'content-length': String(length) }
    const address = new URL(url)
    if (address.protocol !== 'https:' && !options.allowPrivate) throw failed('config', 'its address is not https')
    try {
      return (await request(address, { method: 'POST', headers, body }, signal)).status
    } catch (error) {
      if (error instanceof Unasked) throw failed('config', error.message)
      throw failed('api', signal.aborted ? `no answer within ${timeoutMs / 1_000} s` : wordOf(error))
    }
  }
}

/** It refuses the message itself, or sends it elsewhere: sent again it would do the same. */
function isFinal(status: number): boolean {
  return status >= 300 && status < 500 && status !== 408 && status !== 429
}

function failed(cause: 'config' | 'api', why: string): SwitchyardError {
  return new SwitchyardError({ cause, message: `The receiver of notices (NOTIFY_WEBHOOK_URL) was not told: ${why}.` })
}
