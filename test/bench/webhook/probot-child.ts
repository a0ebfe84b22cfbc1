/** Bare Probot: its server with one handler that does nothing. Arguments: private key, webhook secret. */
import process from 'node:process'
import { Probot, Server } from 'probot'
import { serveParent } from '../child.ts'

const [, , privateKey = '', secret = ''] = process.argv
const server = new Server({
  Probot: Probot.defaults({ appId: 1, privateKey, secret, logLevel: 'fatal' }),
  host: '127.0.0.1',
  port: 0,
})
await server.load((app) => {
  app.onAny(() => undefined)
})
const http = await server.start()
const address = http.address()
const port = typeof address === 'object' && address !== null ? address.port : server.port
serveParent(`http://127.0.0.1:${port}/api/github/webhooks`)
