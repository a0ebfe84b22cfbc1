import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createNodeMiddleware, Probot } from 'probot'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CreatedApp, type LocalGitHub, startLocalGitHub } from './local-github.ts'

let github: LocalGitHub
let app: CreatedApp
let server: Server

beforeAll(async () => {
  github = await startLocalGitHub({ ci: false, validate: 'collect' })
  github.createUser('ana')
  await github.createRepository({ owner: 'ana', name: 'shop', files: { 'README.md': '# Shop\n' } })
  app = github.createApp({ name: 'Probot Test', permissions: { issues: 'write' }, events: ['issues'] })

  const probot = new Probot({
    appId: app.appId,
    privateKey: app.privateKey,
    secret: 'of the hook',
    baseUrl: github.apiUrl,
    logLevel: 'fatal',
  })
  const middleware = await createNodeMiddleware(
    (one) => {
      one.on('issues.opened', async (context) => {
        const octokit = await one.auth(context.payload.installation?.id)
        await octokit.rest.issues.createComment({ ...context.issue(), body: 'seen' })
      })
    },
    { probot, webhooksPath: '/' },
  )
  server = createServer((request, response) => {
    middleware(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  await github.stop()
  server.close()
})

test('a Probot app takes its signed webhooks and answers through its installation', async () => {
  github.setWebhook(app.appId, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, 'of the hook')
  github.install(app.appId, { account: 'ana', repositories: ['shop'] })
  const issue = github.as('ana').openIssue('ana/shop', { title: 'Hello' })
  await github.idle()
  const comments = github.inspect().comments('ana/shop', issue.number)
  expect(comments.map((one) => [one.author.user.login, one.body])).toEqual([['probot-test[bot]', 'seen']])
  expect(
    github
      .inspect()
      .deliveries()
      .map(({ event, statusCode }) => [event, statusCode]),
  ).toEqual([
    ['ping', 200],
    ['installation', 200],
    ['issues', 200],
  ])
  expect(github.inspect().violations()).toEqual([])
})
