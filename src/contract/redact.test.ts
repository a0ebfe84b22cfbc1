import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRedactor, REDACTED } from './redact.ts'

const jwt = `eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiI0NzExIn0${'A'.repeat(60)}.${'x-_9'.repeat(100)}`
const key = `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEpAIBAAKCAQEA7'.repeat(20)}\n-----END RSA PRIVATE KEY-----`

const SHAPES: Record<string, string> = {
  'installation token, short': `ghs_${'a1B2'.repeat(9)}`,
  'installation token with a JWT': `ghs_4711_${jwt}`,
  'personal token': `ghp_${'a1B2'.repeat(9)}`,
  'user token': `ghu_${'a1B2'.repeat(9)}`,
  'fine-grained token': `github_pat_11ABCDEFG0${'abcDEF123_'.repeat(6)}`,
  'old server token': `v1.${'0a1b2c3d4e'.repeat(4)}`,
  'AWS key id': `AKIA${'ABCD1234'.repeat(2)}`,
  'model key': 'sk-ant-api03-abcdefghij0123456789-ABCDEFGHIJ_0123',
  'npm token': `npm_${'aB3d'.repeat(9)}`,
  JWT: jwt,
  'private key': key,
  'private key with escaped line ends': key.replaceAll('\n', '\\n'),
}

describe('redaction', () => {
  for (const [name, secret] of Object.entries(SHAPES)) {
    it(`takes out, by its shape: ${name}`, () => {
      const { redact } = createRedactor()
      for (const text of [secret, `before ${secret} after`, `token="${secret}",`, `x=${secret}\ny`]) {
        const clean = redact(text)
        expect(clean).toContain(REDACTED)
        for (const piece of secret.match(/[\w-]{12,}/g) ?? []) expect(clean).not.toContain(piece)
      }
      expect(redact(`before ${secret} after`)).toBe(`before ${REDACTED} after`)
    })
  }

  it('takes out the whole of a token of 520 characters', () => {
    const token = `ghs_1234567_${jwt}`.slice(0, 520)
    expect(token).toHaveLength(520)
    expect(createRedactor().redact(`[${token}]`)).toBe(`[${REDACTED}]`)
  })

  it('takes out what follows Bearer, Basic and a user name in an address', () => {
    const { redact } = createRedactor()
    expect(redact('Authorization: Bearer abc.def-123')).toBe(`Authorization: Bearer ${REDACTED}`)
    expect(redact('authorization: basic eDp5')).toBe(`authorization: basic ${REDACTED}`)
    expect(redact('curl -H "bearer 0123456789abcdef"')).toBe(`curl -H "bearer ${REDACTED}"`)
    expect(redact('https://x-access-token:hunter2@github.test/a/b')).toBe(`https://x-access-token:${REDACTED}@github.test/a/b`)
  })

  it('takes out a private key that the text ends within', () => {
    const clean = createRedactor().redact(`log\n${key.slice(0, 120)}`)
    expect(clean).toBe(`log\n${REDACTED}`)
  })

  it('leaves ordinary text as it is', () => {
    const { redact } = createRedactor()
    const texts = [
      'The bearer of good news: see https://github.test/a/b/pull/3 and user@example.org',
      `commit ${'0a1b2c3d4e'.repeat(4)}`,
      'ghost, ghs_ and sk-learn are words; so is a task-list-of-some-considerable-length',
      'at Object.<anonymous> (/srv/app/src/index.js:10:5)',
    ]
    for (const text of texts) expect(redact(text)).toBe(text)
  })

  it('takes out a registered value in every form it may have', () => {
    const printable = fc.string({ minLength: 12, maxLength: 60, unit: 'grapheme-ascii' }).filter((each) => each.trim() === each)
    fc.assert(
      fc.property(printable, fc.string({ maxLength: 9 }), fc.string({ maxLength: 9 }), (secret, before, after) => {
        const { redact } = createRedactor([secret])
        expect(redact(`${before} ${secret} ${after}`)).not.toContain(secret)
        expect(redact(`a=${encodeURIComponent(secret)}`)).not.toContain(encodeURIComponent(secret))
        expect(redact(JSON.stringify({ secret }))).not.toContain(JSON.stringify(secret).slice(1, -1))
        // Within a larger encoded text, as in a Basic header.
        const encoded = Buffer.from(`${before}${secret}${after}`).toString('base64')
        const decoded = Buffer.from(redact(encoded).replaceAll(REDACTED, ''), 'base64').toString('latin1')
        expect(decoded).not.toContain(secret)
      }),
    )
  })

  it('forgets what it is told to, and ignores values too short to be secrets', () => {
    const redactor = createRedactor(['short'])
    expect(redactor.redact('a short word')).toBe('a short word')
    redactor.register('a long secret')
    expect(redactor.redact('a long secret')).toBe(REDACTED)
    redactor.forget('a long secret')
    expect(redactor.redact('a long secret')).toBe('a long secret')
  })

  it('is not slow on hostile text', () => {
    const { redact } = createRedactor()
    const hostile = ['-----BEGIN PRIVATE KEY-----', 'https://', 'eyJ', 'authorization: ', 'ghs_1_', 'a:', 'bearer ']
    for (const piece of hostile) {
      const started = performance.now()
      redact(piece.repeat(200_000 / piece.length))
      expect(performance.now() - started, piece).toBeLessThan(2_000)
    }
  })
})
