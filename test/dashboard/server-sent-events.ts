import type { SentEvent } from './http.ts'

/** Events of a stream, as https://html.spec.whatwg.org/multipage/server-sent-events.html writes them. */
export async function* createParser(body: ReadableStream<Uint8Array>): AsyncGenerator<SentEvent, void> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const part of body) {
    rest += decoder.decode(part, { stream: true })
    for (let end = rest.indexOf('\n\n'); end !== -1; end = rest.indexOf('\n\n')) {
      const event = parse(rest.slice(0, end))
      rest = rest.slice(end + 2)
      if (event !== null) yield event
    }
  }
}

function parse(block: string): SentEvent | null {
  const fields = block.split('\n').map((line) => /^(\w+): ?(.*)$/.exec(line))
  const of = (name: string) => fields.filter((field) => field?.[1] === name).map((field) => field?.[2] ?? '')
  const data = of('data')
  return data.length === 0 ? null : { event: of('event')[0] ?? 'message', data: data.join('\n'), id: of('id')[0] }
}
