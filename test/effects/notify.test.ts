import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/contract/redact.ts'
import { notify } from '../../src/effects/notify.ts'
import { createPostNotice, type PostNotice } from '../../src/effects/post-notice.ts'
import { noticeOf } from '../../src/pipeline/notices.ts'
import { openStore } from '../../src/store/open-store.ts'
import { putProjection } from '../../src/store/projections.ts'
import type { Store } from '../../src/store/store.ts'
import { story } from '../support/example-runs.ts'

const SECRET_WORD = 'a registered secret'

interface Posted {
  request: IncomingMessage
  body: string
}

let store: Store
beforeAll(async () => {
  store = await openStore({ log: pino({ level: 'silent' }) })
})
afterAll(() => store.close())

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

/** A receiver of notices; without an answer it takes what is posted and says nothing. */
async function receiver(answer: RequestListener | null): Promise<{ url: string; posted: Posted[] }> {
  const posted: Posted[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (part: string) => {
      body += part
    })
    request.on('end', () => {
      posted.push({ request, body })
      answer?.(request, response)
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T0/secret-path`, posted }
}

function tell(postNotice: PostNotice | null, title = 'Show discounts') {
  const { run } = story('needs approval', { title })
  const notice = noticeOf(run)
  if (notice === null) throw new Error('nothing is to be told')
  const dependencies = { store, redactor: createRedactor([SECRET_WORD]), postNotice }
  return notify(dependencies)({ kind: 'notify', id: 'n', notice }, run)
}

const ok: RequestListener = (_request, response) => response.writeHead(200).end('ok')

describe('[NOT-1] telling the receiver of notices', () => {
  it('posts one JSON message with a text, linked to the status comment', async () => {
    const { run } = story('needs approval')
    await putProjection(store.db, run.id, 'status-comment', { externalId: '77', digest: 'd' })
    const { url, posted } = await receiver(ok)
    expect(await tell(createPostNotice({ url, allowPrivate: true }))).toBeNull()
    expect(posted.map(({ request }) => [request.method, request.url, request.headers['content-type']])).toEqual([
      ['POST', '/services/T0/secret-path', 'application/json'],
    ])
    const link = `${run.task.url}#issuecomment-77`
    expect(JSON.parse(posted[0]?.body ?? '')).toEqual({
      text: `<${link}|acme/web#7> Show discounts: waits for its plan to be approved.`,
      kind: 'needs-you',
      subject: 'approval',
      reminder: false,
      run: run.id,
      repository: 'acme/web',
      number: 7,
      url: link,
    })
  })

  it('lets a title call nobody, link nowhere and carry no secret', async () => {
    const { url, posted } = await receiver(ok)
    const title = `<!channel> &lt; @here <https://evil.example|ok>\u202e ${SECRET_WORD}`
    await tell(createPostNotice({ url, allowPrivate: true }), title)
    const { text } = JSON.parse(posted[0]?.body ?? '') as { text: string }
    expect(text).not.toMatch(/<!|@here|<https:\/\/evil|\u202e/)
    expect(text).not.toContain(SECRET_WORD)
    expect(text.match(/</g)).toHaveLength(1)
  })

  it('does nothing where the deployment has no receiver', async () => {
    expect(await tell(null)).toBeNull()
  })

  it.each([
    [500, 'api'],
    [429, 'api'],
    [404, 'config'],
    [302, 'config'],
  ] as const)('an answer of %i fails as %s, without the address', async (status, cause) => {
    const { url } = await receiver((_request, response) => response.writeHead(status, { location: '/elsewhere' }).end())
    const failure = await tell(createPostNotice({ url, allowPrivate: true })).catch((error) => error.failure)
    expect(failure).toEqual({
      cause,
      message: `The receiver of notices (NOTIFY_WEBHOOK_URL) was not told: it answered ${status}.`,
    })
  })

  it('gives up on one that is dead or does not answer', async () => {
    const { url } = await receiver(null)
    await expect(tell(createPostNotice({ url, allowPrivate: true, timeoutMs: 100 }))).rejects.toThrow('no answer within 0.1 s')
    const [server] = servers.splice(0)
    server?.closeAllConnections()
    await new Promise((resolve) => server?.close(resolve))
    await expect(tell(createPostNotice({ url, allowPrivate: true }))).rejects.toThrow('ECONNREFUSED')
  })

  it('posts neither unencrypted nor to an address that is not public, unless that is allowed', async () => {
    const { url, posted } = await receiver(ok)
    await expect(tell(createPostNotice({ url, allowPrivate: false }))).rejects.toThrow('its address is not https')
    const inside = createPostNotice({
      url: 'https://hooks.example.com/x',
      allowPrivate: false,
      resolve: async () => ['93.184.215.14', '10.0.0.8'],
    })
    await expect(tell(inside)).rejects.toThrow('hooks.example.com is not a public address')
    expect(posted).toEqual([])
  })
})
