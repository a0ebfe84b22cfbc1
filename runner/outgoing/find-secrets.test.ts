import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createRedactor } from '../../src/contract/redact.ts'
import { secretsIn } from './find-secrets.ts'

const none = createRedactor()
const DIGITS = '0123456789'
const HEX = `${DIGITS}abcdef`
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const WORD = `${LETTERS}${DIGITS}`

/** Looks like what an issuer makes, and is the same every time. No such literal stands in this file. */
function random(length: number, alphabet = WORD): string {
  let text = ''
  for (let n = 0; text.length < length; n += 1) {
    const bytes = createHash('sha512').update(`${alphabet}${n}`).digest()
    text += [...bytes].map((byte) => alphabet[byte % alphabet.length]).join('')
  }
  return text.slice(0, length)
}
const pem = (kind: string) => ['-----BEGIN ', `${kind}PRIVATE KEY-----`].join('')
const body = random(64)

const SECRETS: readonly (readonly [string, string])[] = [
  ['GitHub token', `ghp_${random(36)}`],
  ['GitHub token', `ghs_123456_${random(36)}.${random(120)}.${random(200)}`],
  ['GitHub token', `github_pat_${random(82)}`],
  ['GitLab token', `glpat-${random(20)}`],
  ['npm token', `npm_${random(36)}`],
  ['PyPI token', `pypi-AgE${random(80)}`],
  ['RubyGems token', `rubygems_${random(48, HEX)}`],
  ['Docker token', `dckr_pat_${random(27)}`],
  ['AWS access key', `AKIA${random(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`],
  ['AWS secret key', `aws_secret_access_key = ${random(40)}`],
  ['Google API key', `AIza${random(35)}`],
  ['Google OAuth secret', `GOCSPX-${random(28)}`],
  ['Azure storage key', `AccountKey=${random(86)}==`],
  ['Anthropic key', `sk-ant-api03-${random(90)}`],
  ['OpenAI key', `sk-proj-${random(120)}`],
  ['OpenAI key', `sk-${random(20)}T3BlbkFJ${random(20)}`],
  ['OpenRouter key', `sk-or-v1-${random(64, HEX)}`],
  ['Hugging Face token', `hf_${random(34)}`],
  ['Slack token', `xoxb-${random(12, DIGITS)}-${random(12, DIGITS)}-${random(24)}`],
  ['Slack webhook', `https://hooks.slack.com/services/T${random(8)}/B${random(8)}/${random(24)}`],
  ['Discord webhook', `https://discord.com/api/webhooks/${random(18, DIGITS)}/${random(68)}`],
  ['Stripe key', `sk_live_${random(24)}`],
  ['Stripe webhook secret', `whsec_${random(32)}`],
  ['Twilio key', `SK${random(32, HEX)}`],
  ['SendGrid key', `SG.${random(22)}.${random(43)}`],
  ['Mailgun key', `key-${random(32, HEX)}`],
  ['DigitalOcean token', `dop_v1_${random(64, HEX)}`],
  ['Shopify token', `shpat_${random(32, HEX)}`],
  ['Databricks token', `dapi${random(32, HEX)}`],
  ['Vault token', `hvs.${random(90)}`],
  ['Terraform token', `${random(14)}.atlasv1.${random(67)}`],
  ['Linear key', `lin_api_${random(40)}`],
  ['Postman key', `PMAK-${random(24, HEX)}-${random(34, HEX)}`],
  ['Grafana token', `glsa_${random(32)}_${random(8, HEX)}`],
  ['Sentry token', `sntrys_${random(100)}`],
  ['age key', `AGE-SECRET-KEY-1${random(58, 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L')}`],
  ['password in an address', `postgres://app:${random(20)}@db.internal:5432/app`],
  ['private key', `${pem('RSA ')}\n${body}\n`],
  ['private key', `${pem('')}\\n${body}\\n`],
  ['private key', `${pem('OPENSSH ')}",\n  "${body}",`],
  ['private key', `${pem('RSA ')}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,${random(32, HEX)}\n\n${body}`],
]

test.each(SECRETS)('finds a %s, names its line, and never its value', (name, secret) => {
  const found = secretsIn({ path: 'src/a.ts', line: 10, text: `first\nsecond = "${secret}"\n` }, none)
  expect(found.map(({ finding }) => finding)).toEqual([{ kind: 'secret', path: 'src/a.ts', line: 11, what: name }])
  const value = /[A-Za-z0-9]{16,}/.exec(secret.slice(-40))?.[0] ?? secret
  expect(JSON.stringify(found)).not.toContain(value)
})

/** What stands in ordinary code, documents and tests. */
const HARMLESS = [
  `GITHUB_TOKEN=ghp_${'x'.repeat(36)}`,
  'Authorization: Bearer <token>',
  "const token = 'ghs_test_token'",
  `npm_${'0'.repeat(36)}`,
  'AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE',
  'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  "if (text.includes('-----BEGIN PRIVATE KEY-----')) return",
  '-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gun',
  '-----BEGIN RSA PRIVATE KEY-----\n…\n-----END RSA PRIVATE KEY-----',
  'postgres://postgres:postgres@localhost:5432/app',
  'https://user:correct-horse-battery@example.com/',
  'redis://:$REDIS_PASSWORD@cache.internal:6379',
  'https://someone:<password>@registry.internal/',
  'password = "hunter2hunter2"',
  'sk-learn, sk-proj-your-key-here-your-key-here-your-key-here',
  'integrity sha512-0hYQ8SB4Db5zvZB4axdMHGwEaQjkZzFjQiN9LVYvIFB2nSUHW9tYpxWriPrWDASIxiaXax83REcLxuSdnGPZtw==',
  '"resolved": "https://registry.internal/@scope/pkg/-/pkg-1.0.0.tgz#0123456789abcdef0123456789abcdef01234567"',
  'commit 3f786850e387550fdab836ed7e6dc881de23001b',
  'const id = "550e8400-e29b-41d4-a716-446655440000"',
  'sk_test_4eC39HqLyjWDarjtT1zdp7dc',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'maskedKey-0123456789abcdef0123456789abcdef',
  'SKELETON = skeletonize(TASK, key-value pairs, hf_hub_download)',
]

test.each(HARMLESS)('leaves alone: %s', (text) => {
  expect(secretsIn({ path: 'a', line: 1, text }, none)).toEqual([])
})

describe("Switchyard's own values", () => {
  const value = 'correct/horse+battery staple'
  const redactor = createRedactor([value])
  test.each([
    ['as they are', value],
    ['in base64', Buffer.from(value).toString('base64')],
    ['in base64 of something larger', Buffer.from(`x-access-token:${value}!`).toString('base64')],
    ['URL-encoded', encodeURIComponent(value)],
    ['JSON-escaped', JSON.stringify(value)],
  ])('are found %s, and nobody can let them through', (_how, text) => {
    const found = secretsIn({ path: 'a.txt', line: 3, text: `one\ntwo ${text}` }, redactor)
    expect(found.map(({ finding }) => finding)).toEqual([
      { kind: 'own-secret', path: 'a.txt', line: 4, what: 'a credential of this Switchyard' },
    ])
    expect(JSON.stringify(found)).not.toContain('horse')
  })

  test("the border lines that every key has are nobody's secret", () => {
    const key = createRedactor([`${pem('RSA ')}\n${body}\n${pem('RSA ').replace('BEGIN', 'END')}`])
    expect(secretsIn({ path: 'a', line: 1, text: `has ${pem('RSA ')} in it` }, key)).toEqual([])
    expect(secretsIn({ path: 'a', line: 1, text: `x ${body}` }, key)).toHaveLength(1)
  })
})

test('the same credential in the words of a commit is told as such', () => {
  expect(secretsIn({ path: null, line: 1, text: `use npm_${random(36)}` }, none)[0]?.finding).toEqual({
    kind: 'secret',
    path: 'the words of a commit, or the name of a file',
    what: 'npm token',
  })
})

test('a line of four million characters does not keep it busy', () => {
  const hostile = ['-----BEGIN PRIVATE KEY-----\\n', 'https://a:', 'xoxb-1-', 'ghp_a', 'hooks.slack.com/services/T'].map(
    (part) => part.repeat(Math.ceil(800_000 / part.length)),
  )
  const started = performance.now()
  secretsIn({ path: 'a', line: 1, text: hostile.join('') }, none)
  expect(performance.now() - started).toBeLessThan(5_000)
}, 20_000)
