import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { SwitchyardError } from '../contract/failure.ts'
import type { Receiver } from '../webhooks/receive.ts'

/** The app's one HTTP server. */
export interface WebServer {
  port: number
  close(): Promise<void>
}

/** Listens: webhooks go to the receiver, everything else to the pages and the internal API. */
export async function startServer(options: {
  host: string
  port: number
  receiver: Receiver
  pages: Hono
}): Promise<WebServer> {
  const listener = getRequestListener(options.pages.fetch)
  const server = createServer(async (request, response) => {
    if (!(await options.receiver(request, response))) await listener(request, response)
  })
  await listen(server, options.host, options.port)
  const address = server.address()
  return {
    port: isAddress(address) ? address.port : options.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        // Event streams and held polls would keep it open for ever.
        server.closeAllConnections()
      }),
  }
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return address !== null && typeof address !== 'string'
}

/** @throws SwitchyardError `config` when the port is taken or the host is not ours */
function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE'
      const message = taken
        ? `PORT ${port} is taken by another program. Set PORT to a free one, or stop the other.`
        : `HOST ${host} cannot be listened on (${error.code ?? error.message}). Set HOST to an address of this machine, like 127.0.0.1.`
      reject(new SwitchyardError({ cause: 'config', message }, { cause: error }))
    })
    server.listen(port, host, () => resolve())
  })
}
