/** The demo's world: the local GitHub with its people, repositories and App, and the environment to start Switchyard with. */
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import process from 'node:process'
import { parse } from 'yaml'
import { z } from 'zod'
import type { AgentScriptInput } from '../agents/agent-script.ts'
import type { CreatedApp, LocalGitHub } from '../github/local-github.ts'
import type { NewRepository } from '../github/state/repositories.ts'
import { API, DOCS, STOREFRONT } from './repositories.ts'
import { DEMO_SCRIPT } from './script.ts'

const ROOT = path.join(import.meta.dirname, '../..')
const Manifest = z.object({
  default_permissions: z.record(z.string(), z.enum(['read', 'write'])),
  default_events: z.array(z.string()),
})

export interface DemoWorld {
  github: LocalGitHub
  app: CreatedApp
  installationId: number
  /** The port that the webhooks go to. */
  port: number
  /** What to start Switchyard with, on the embedded store; more can be laid over it. */
  env: Record<string, string>
}

export interface WorldOptions {
  /** Where Switchyard keeps its data, and the agent's script is written. */
  dataDir: string
  script?: AgentScriptInput
  repositories?: readonly NewRepository[]
  /** The App is installed on these only; all by default. */
  installed?: string[]
  port?: number
}

/** Fills a local GitHub: mona (admin), hubot (write), rita (read), acme's repositories, and the App as `app.yml` has it. */
export async function createWorld(github: LocalGitHub, options: WorldOptions): Promise<DemoWorld> {
  const { dataDir, script = DEMO_SCRIPT, repositories = [API, STOREFRONT, DOCS] } = options
  for (const login of ['mona', 'hubot', 'rita']) github.createUser(login)
  github.createOrganization('acme')
  for (const repository of repositories) await github.createRepository(repository)

  const manifest = Manifest.parse(parse(await readFile(path.join(ROOT, 'app.yml'), 'utf8')))
  const port = options.port ?? (await freePort())
  const webhookSecret = randomBytes(20).toString('hex')
  const app = github.createApp({
    name: 'Switchyard',
    webhookUrl: `http://127.0.0.1:${port}/api/github/webhooks`,
    webhookSecret,
    permissions: manifest.default_permissions,
    events: manifest.default_events,
  })
  const { installationId } = github.install(app.appId, { account: 'acme', repositories: options.installed ?? 'all' })
  const scriptFile = path.join(dataDir, 'agent-script.json')
  await writeFile(scriptFile, JSON.stringify(script, null, 2))
  const [compiled, program] = ['compiled.mjs', 'scripted-agent.ts'].map((file) => path.join(ROOT, 'test/agents', file))
  const agent = [process.execPath, compiled, program, scriptFile]
  return {
    github,
    app,
    installationId,
    port,
    env: {
      APP_ID: String(app.appId),
      PRIVATE_KEY: app.privateKey,
      WEBHOOK_SECRET: webhookSecret,
      RUNNER_SECRET: randomBytes(20).toString('hex'),
      PORT: String(port),
      GITHUB_API_URL: github.apiUrl,
      GITHUB_SERVER_URL: github.url,
      DATA_DIR: path.join(dataDir, 'switchyard'),
      AGENT_RUNTIME: 'command',
      AGENT_COMMAND: JSON.stringify(agent),
      // GitHub's own pace is a write a second and a comment in three; nobody is hurt by a faster one here.
      GITHUB_WRITE_INTERVAL_MS: '0',
      GITHUB_COMMENT_INTERVAL_MS: '0',
      DEBOUNCE_MS: '300',
      // The scripted agent is ours, and its world in temporary folders that no sandbox would show it.
      SANDBOX: 'off',
    },
  }
}

/** Below those that systems give out by themselves: nobody is given one of these between our look and our use. */
const PORTS = { from: 20_000, to: 32_000 }

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from))
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
