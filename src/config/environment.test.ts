import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { type EnvironmentError, readEnvironment } from './environment.ts'
import { EnvironmentSchema } from './environment-schema.ts'
import { about } from './variable.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()
const folder = mkdtempSync(join(tmpdir(), 'switchyard-environment-'))
const keyPath = join(folder, 'key.pem')
writeFileSync(keyPath, pkcs1)
afterAll(() => rmSync(folder, { recursive: true }))

const GOOD = { APP_ID: '42', PRIVATE_KEY: pkcs1, WEBHOOK_SECRET: 'a-secret-of-our-own' }

function faultsOf(env: Record<string, string | undefined>, options = {}) {
  try {
    readEnvironment(env, options)
  } catch (error) {
    return error as EnvironmentError
  }
  throw new Error('it was taken')
}

describe('reading the environment', () => {
  test('the least that works gives every default', () => {
    const environment = readEnvironment(GOOD)
    expect({ ...environment, app: null }).toMatchInlineSnapshot(`
      {
        "agent": {
          "allowRepositoryCommands": false,
          "command": null,
          "model": null,
          "runtime": "claude",
        },
        "allowPrivateProbes": false,
        "app": null,
        "budgets": {
          "job": 100,
          "organisationMonth": null,
          "personMonth": null,
          "repositoryMonth": null,
          "run": 250,
        },
        "dataDir": ".switchyard",
        "databaseUrl": null,
        "debounceMs": 2000,
        "github": {
          "apiUrl": "https://api.github.com",
          "commentIntervalMs": 3000,
          "serverUrl": "https://github.com",
          "writeIntervalMs": 1000,
        },
        "limits": {
          "deployment": 50,
          "installation": 20,
          "person": 5,
          "repository": 5,
        },
        "logLevel": "info",
        "models": {
          "prices": [],
          "unpriced": "named",
        },
        "notifyWebhookUrl": null,
        "queuePrefix": "switchyard",
        "redisUrl": null,
        "retry": {
          "cap": 3,
          "gapMs": 120000,
          "infrastructure": 5,
        },
        "runner": {
          "concurrency": 2,
          "gitStallSeconds": 60,
          "mirrorsMaxBytes": 21474836480,
          "secret": null,
          "useLimits": {
            "diskBytes": 21474836480,
            "files": 1000000,
            "freeBytes": 2147483648,
            "memoryBytes": 8589934592,
          },
        },
        "sandbox": {
          "hosts": [],
          "mode": "required",
          "privateHosts": [],
          "read": [],
          "registries": true,
        },
        "server": {
          "host": "127.0.0.1",
          "port": 3000,
          "url": "http://127.0.0.1:3000",
        },
        "sweeps": {
          "admissionMs": 60000,
          "checksMs": 300000,
          "deliveriesMs": 5000,
          "jobLostAfterMs": 120000,
          "jobsMs": 10000,
          "missedDeliveriesMs": 3600000,
          "moneyMs": 60000,
          "outboxMs": 5000,
          "reconcileMs": 300000,
          "schedulesMs": 20000,
          "timersMs": 10000,
        },
        "workflows": {
          "callsAtOnce": 16,
          "script": {
            "calls": 1000,
            "memoryBytes": 67108864,
            "stackBytes": 262144,
            "steps": 100000000,
            "turnMs": 30000,
          },
          "scriptIdleMs": 600000,
          "scriptsKept": 8,
        },
      }
    `)
    expect(environment.app).toEqual({ id: 42, privateKey: pkcs1, webhookSecret: 'a-secret-of-our-own' })
  })

  test('[ING-1] without a webhook secret, with an empty one, or with the one everybody knows, there is no start', () => {
    for (const secret of [undefined, '', '  ', 'development']) {
      const error = faultsOf({ ...GOOD, WEBHOOK_SECRET: secret })
      expect(error.faults.map(({ variable }) => variable)).toEqual(['WEBHOOK_SECRET'])
      expect(error.failure.cause).toBe('config')
    }
  })

  test('every fault is said at once, each with a remedy and the line to write', () => {
    const error = faultsOf({
      PORT: '99999',
      LOG_LEVEL: 'loud',
      DATABASE_URL: 'mysql://x',
      AGENT_COMMAND: 'rm -rf',
      DEBOUNCE_MS: '-1',
    })
    expect(error.faults.map(({ variable }) => variable).toSorted()).toEqual([
      'AGENT_COMMAND',
      'APP_ID',
      'DATABASE_URL',
      'DEBOUNCE_MS',
      'LOG_LEVEL',
      'PORT',
      'PRIVATE_KEY_PATH',
      'WEBHOOK_SECRET',
    ])
    for (const { remedy, line, variable } of error.faults) {
      expect(remedy).toMatch(/\.$/)
      expect(line.startsWith(`${variable}=`)).toBe(true)
    }
    expect(error.message).toContain(
      'PORT must be a whole number from 0 to 65,535. Write it like this, or leave it out.\n    PORT=3000',
    )
    expect(error.message).toContain(
      "WEBHOOK_SECRET is not set. Make one, and put the same into the App's settings on GitHub.\n    WEBHOOK_SECRET=<the output of: openssl rand -hex 32>",
    )
  })

  test.each([
    ['PEM', { PRIVATE_KEY: pkcs1 }],
    ['PEM in PKCS #8', { PRIVATE_KEY: pkcs8 }],
    ['PEM on one line', { PRIVATE_KEY: pkcs1.replaceAll('\n', '\\n') }],
    ['base64 of the PEM', { PRIVATE_KEY: Buffer.from(pkcs1).toString('base64') }],
    ['base64 in lines', { PRIVATE_KEY: Buffer.from(pkcs1).toString('base64').replace(/.{76}/g, '$&\n') }],
    ['a path', { PRIVATE_KEY: undefined, PRIVATE_KEY_PATH: keyPath }],
  ])("the App's key is taken as %s", (_form, key) => {
    const { app } = readEnvironment({ ...GOOD, ...key })
    expect(app.privateKey).toMatch(/^-----BEGIN (?:RSA )?PRIVATE KEY-----\n[\s\S]+-----END (?:RSA )?PRIVATE KEY-----\n$/)
  })

  test.each([
    ['neither key nor path', { PRIVATE_KEY: undefined }, 'PRIVATE_KEY_PATH'],
    ['no key', { PRIVATE_KEY: 'hunter2-hunter2' }, 'PRIVATE_KEY'],
    ['half a key', { PRIVATE_KEY: pkcs1.slice(0, 400) }, 'PRIVATE_KEY'],
    ['another kind of key', { PRIVATE_KEY: elliptic }, 'PRIVATE_KEY'],
    ['a path to nothing', { PRIVATE_KEY: undefined, PRIVATE_KEY_PATH: join(folder, 'none.pem') }, 'PRIVATE_KEY_PATH'],
    ['a path to a folder', { PRIVATE_KEY: undefined, PRIVATE_KEY_PATH: folder }, 'PRIVATE_KEY_PATH'],
  ])('no start with %s', (_what, key, variable) => {
    expect(faultsOf({ ...GOOD, ...key }).faults.map((fault) => fault.variable)).toEqual([variable])
  })

  test('a runner of its own needs a secret to share, and not a short one', () => {
    expect(readEnvironment(GOOD).runner.secret).toBeNull()
    for (const secret of [undefined, 'short']) {
      const { faults } = faultsOf({ ...GOOD, RUNNER_SECRET: secret }, { separateRunner: true })
      expect(faults.map(({ variable }) => variable)).toEqual(['RUNNER_SECRET'])
    }
    expect(readEnvironment({ ...GOOD, RUNNER_SECRET: 'x'.repeat(32) }, { separateRunner: true }).runner.secret).toBe(
      'x'.repeat(32),
    )
  })

  test('pauses towards GitHub may be zero, and a command is a list', () => {
    const environment = readEnvironment({
      ...GOOD,
      GITHUB_WRITE_INTERVAL_MS: '0',
      GITHUB_COMMENT_INTERVAL_MS: '0',
      AGENT_COMMAND: '["/bin/agent","--now"]',
      ALLOW_REPOSITORY_COMMANDS: 'true',
      APP_URL: 'https://switchyard.example.com/',
      DATABASE_URL: 'postgresql:///switchyard?host=/run/postgresql',
    })
    expect(environment.github).toMatchObject({ writeIntervalMs: 0, commentIntervalMs: 0 })
    expect(environment.agent).toMatchObject({ command: ['/bin/agent', '--now'], allowRepositoryCommands: true })
    expect(environment.server.url).toBe('https://switchyard.example.com')
  })

  test('the models that may be asked for are a list with commas, and the one that agents are given is of it', () => {
    const allowed = { ...GOOD, ALLOWED_MODELS: 'claude-sonnet-4*, gpt-5' }
    expect(readEnvironment(allowed).models.allowed).toEqual(['claude-sonnet-4*', 'gpt-5'])
    expect(readEnvironment({ ...allowed, AGENT_MODEL: 'sonnet' }).agent.model).toBe('sonnet')
    expect(() => readEnvironment({ ...allowed, AGENT_MODEL: 'claude-opus-4-5' })).toThrow(
      /AGENT_MODEL names a model that `ALLOWED_MODELS` does not have\. Name one of them/,
    )
    expect(() => readEnvironment({ ...GOOD, ALLOWED_MODELS: 'claude-*-5' })).toThrow(/ALLOWED_MODELS /)
  })

  test('no value is ever repeated in an error', () => {
    const names = Object.keys(EnvironmentSchema.shape)
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.stringMatching(/^[A-Z0-9]{24}$/),
        fc.constantFrom('', 'postgres:/', '[', '-----BEGIN '),
        (name, value, before) => {
          try {
            readEnvironment({ [name]: `${before}${value}` })
          } catch (error) {
            expect(
              JSON.stringify([error, (error as Error).message, (error as Error).stack, String((error as Error).cause)]),
            ).not.toContain(value)
          }
        },
      ),
    )
  })

  test('every variable has a description, and its default is within its bounds', () => {
    for (const [name, schema] of Object.entries(EnvironmentSchema.shape)) {
      const said = about.get(schema)
      expect(said?.description, name).toMatch(/^[A-Z][\s\S]*\.$/)
      if (said?.default !== undefined) expect(schema.safeParse(undefined).success, name).toBe(true)
    }
  })
})
