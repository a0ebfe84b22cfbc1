/** The model as an agent of a job sees it: never the vendor, never the vendor's key. */
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWorkshop, success, type Workshop } from './workshop.ts'

const KEY = 'the-vendors-real-key'
const CALL = `node -e "
  fetch(process.env.SWITCHYARD_GATEWAY_URL + '/v1/messages', {
    method: 'POST',
    headers: { 'x-api-key': process.env.SWITCHYARD_GATEWAY_TOKEN, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'a-model', max_tokens: 9, messages: [] }),
  }).then(async (answer) => console.log(answer.status, await answer.text()))
"`

let shop: Workshop
let vendor: Server
let vendorUrl: string
let heard: IncomingHttpHeaders[]

beforeEach(async () => {
  heard = []
  shop = await openWorkshop()
  vendor = createServer((request, response) => {
    heard.push(request.headers)
    request.resume()
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ content: [], usage: { input_tokens: 7, output_tokens: 2 } }))
  })
  await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve))
  const address = vendor.address()
  vendorUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
})
afterEach(async () => {
  await shop.close()
  await new Promise((resolve) => vendor.close(resolve))
})

test('[SPD-1] an agent asks the gateway with its job’s token, and has the vendor’s key nowhere', async () => {
  await shop.repository('acme/api')
  const script = `${CALL} > ${shop.dir}/answer; env > ${shop.dir}/env; echo "$SWITCHYARD_GATEWAY_URL $SWITCHYARD_GATEWAY_TOKEN" > ${shop.dir}/access; echo "my token is $SWITCHYARD_GATEWAY_TOKEN"`
  const noop = success({ status: 'noop', reason: 'Only looked.' })
  const spec = shop.spec([shop.leg('acme/api')], [{ do: 'sh', script }, noop])
  const env = { ...process.env, ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: vendorUrl, OPENAI_API_KEY: '', GEMINI_API_KEY: '' }
  const { result } = await shop.run(spec, { env })
  expect(result).toMatchObject({ status: 'finished' })
  expect(await readFile(`${shop.dir}/answer`, 'utf8')).toMatch(/^200 .*"input_tokens":7/)
  expect(heard[0]).toMatchObject({ 'x-api-key': KEY })
  expect(await readFile(`${shop.dir}/env`, 'utf8')).not.toContain(KEY)
  expect(shop.app.modelCalls).toEqual({
    asked: [{ start: 1, vendor: 'anthropic', model: 'a-model', requestBytes: expect.any(Number), maxOutputTokens: 9 }],
    ended: [{ start: 1, call: 'call-1', usage: { inputTokens: 7, outputTokens: 2 }, outcome: 'done' }],
  })

  // After the job nobody answers there any more, and what was told of it does not hold the token.
  const [url = '', token = ''] = (await readFile(`${shop.dir}/access`, 'utf8')).trim().split(' ')
  expect(token).toMatch(/^[0-9a-f]{64}$/)
  await expect(fetch(url)).rejects.toThrow()
  expect(JSON.stringify([shop.app.progress, result, shop.logged])).not.toContain(token)
})

test('without a key there is no gateway to ask', async () => {
  await shop.repository('acme/api')
  const script = `env > ${shop.dir}/env`
  const noop = success({ status: 'noop', reason: 'Only looked.' })
  const spec = shop.spec([shop.leg('acme/api')], [{ do: 'sh', script }, noop])
  await shop.run(spec, { env: { PATH: process.env.PATH } })
  expect(await readFile(`${shop.dir}/env`, 'utf8')).not.toContain('SWITCHYARD_GATEWAY')
})
