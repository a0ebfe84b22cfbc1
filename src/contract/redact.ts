/** What stands where a secret was. */
export const REDACTED = '[redacted]'
/** Registered values shorter than this are not looked for: they would blot out ordinary words. In characters. */
export const REDACT_MIN_LENGTH = 8

/** Takes secrets out of text. Redact before cutting: half a token matches no pattern. */
export interface Redactor {
  /** Looks for this value from now on, as it is and in its base64, URL-encoded and JSON-escaped forms. */
  register(value: string): void
  /** Forgets a value, for instance a token that has been revoked. */
  forget(value: string): void
  /** Whether a registered value, in any of its forms, is in the text. */
  holds(text: string): boolean
  redact(text: string): string
}

/** A redactor that knows these values and the shapes of common tokens. */
export function createRedactor(values: Iterable<string> = []): Redactor {
  const forms = new Map<string, readonly string[]>()
  const register = (value: string): void => {
    if (value.length >= REDACT_MIN_LENGTH) forms.set(value, formsOf(value))
  }
  for (const value of values) register(value)
  return {
    register,
    forget: (value) => void forms.delete(value),
    holds: (text) => [...forms.values()].some((all) => all.some((form) => !KEY_BORDER.test(form) && text.includes(form))),
    redact: (text) => redactPatterns(redactValues(text, forms.values())),
  }
}

/** The first and the last line of a key: every key has them. */
const KEY_BORDER = /^-----(?:BEGIN|END) [A-Z0-9 ]+-----$/

function redactValues(text: string, all: Iterable<readonly string[]>): string {
  // Longest first: a value that contains another one is taken out whole.
  const forms = [...all].flat().sort((a, b) => b.length - a.length)
  let clean = text
  for (const form of forms) {
    if (clean.includes(form)) clean = clean.replaceAll(form, REDACTED)
  }
  return clean
}

function formsOf(value: string): readonly string[] {
  const forms = new Set([value, encodeURIComponent(value.toWellFormed()), JSON.stringify(value).slice(1, -1)])
  for (const encoded of base64Cores(value)) {
    forms.add(encoded)
    forms.add(encoded.replaceAll('+', '-').replaceAll('/', '_'))
  }
  // Multi-line values (keys) also show line by line in logs.
  for (const line of value.split(/\r?\n/)) forms.add(line.trim())
  return [...forms].filter((form) => form.length >= REDACT_MIN_LENGTH)
}

/**
 * The characters of base64 that the value alone decides, for each of the three places where it can begin within a
 * larger encoded text (as in `Basic base64(user:token)`).
 */
function base64Cores(value: string): string[] {
  const bytes = Buffer.from(value)
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    const first = Math.ceil((offset * 8) / 6)
    const last = Math.floor(((offset + bytes.length) * 8) / 6)
    return encoded.slice(first, last)
  })
}

/** Each replaces its whole match, or all but the groups that `keep` puts back. No match is without what it `needs`. */
const PATTERNS: readonly { pattern: RegExp; keep?: string; needs?: string }[] = [
  {
    pattern:
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[^-]{0,20000}-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=\s\\]{0,20000})/g,
  },
  // Installation tokens also look like `ghs_<app id>_<JWT>`, about 520 characters.
  { pattern: /(?<![A-Za-z0-9])gh[pousr]_(?:\d+_[\w-]+(?:\.[\w-]+){0,2}|[A-Za-z0-9]{16,255})/g },
  { pattern: /(?<![A-Za-z0-9])github_pat_\w{20,255}/g },
  { pattern: /(?<![A-Za-z0-9])v1\.[0-9a-f]{40}(?![0-9a-f])/g },
  { pattern: /(?<![A-Za-z0-9])glpat-[\w-]{20,}/g },
  { pattern: /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}/g },
  { pattern: /(?<![A-Za-z0-9])pypi-[\w-]{50,}/g },
  { pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}(?![A-Z0-9])/g },
  { pattern: /(aws_secret_access_key["']?\s{0,5}[:=]\s{0,5}["']?)[A-Za-z0-9+/]{40}/gi, keep: '$1' },
  { pattern: /(?<![A-Za-z0-9])sk-[\w-]{20,}/g },
  { pattern: /(?<![A-Za-z0-9])[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/g },
  { pattern: /(?<![A-Za-z0-9])AIza[\w-]{35}/g },
  { pattern: /(?<![A-Za-z0-9])xox[a-z]-[A-Za-z0-9-]{10,}/g },
  { pattern: /(?<![A-Za-z0-9])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g },
  { pattern: /(authorization["']?\s{0,5}[:=]\s{0,5}["']?(?:bearer|basic|token)\s{1,5})[^\s"',;]+/gi, keep: '$1' },
  { pattern: /((?<![A-Za-z0-9])bearer\s{1,5})[\w.~+/=-]{16,}/gi, keep: '$1' },
  // It may begin at any letter, and takes twenty steps for each: only where there is an address at all.
  { pattern: /([a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{0,200}:)[^\s/@]{1,1000}(?=@)/gi, keep: '$1', needs: '://' },
]

function redactPatterns(text: string): string {
  let clean = text
  for (const { pattern, keep = '', needs = '' } of PATTERNS) {
    if (clean.includes(needs)) clean = clean.replace(pattern, `${keep}${REDACTED}`)
  }
  return clean
}
