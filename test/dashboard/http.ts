import { request } from 'node:http'
import { createParser } from './server-sent-events.ts'

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** A request as no browser would send it: any `Host`, any address. */
export async function ask(
  port: number,
  path: string,
  {
    host = '127.0.0.1',
    headers = {},
    method = 'GET',
  }: { host?: string; headers?: Record<string, string>; method?: string } = {},
): Promise<Answer> {
  const answered = Promise.withResolvers<Answer>()
  const sent = request({ host, port, path, method, headers, agent: false }, (response) => {
    let body = ''
    response.setEncoding('utf8')
    response.on('data', (part) => {
      body += part
    })
    response.on('end', () => answered.resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    response.on('error', answered.reject)
  })
  sent.on('error', answered.reject)
  sent.end()
  return answered.promise
}

export interface SentEvent {
  event: string
  data: string
  id: string | undefined
}

export interface EventStream {
  /** The next event of this name; others are left out. */
  next(event: string): Promise<SentEvent>
  close(): void
}

/** A stream of server-sent events, read one after the other. */
export async function openEvents(url: string, headers: Record<string, string> = {}): Promise<EventStream> {
  const stop = new AbortController()
  const response = await fetch(url, { headers, signal: stop.signal })
  if (response.body === null || !response.ok) throw new Error(`no stream: ${response.status}`)
  const events = createParser(response.body)
  return {
    async next(event) {
      for (;;) {
        const { value, done } = await events.next()
        if (done === true) throw new Error(`the stream ended before "${event}"`)
        if (value.event === event) return value
      }
    },
    close: () => stop.abort(),
  }
}
