import { createPrivateKey } from 'node:crypto'

/**
 * The App's private key as PEM, from any of the forms in which it is handed over: PEM with real line breaks, PEM on one
 * line with `\n` written out, or either of them in base64. Null where it is none of these or not an RSA private key.
 */
export function privateKeyOf(text: string): string | null {
  const unfolded = text.replace(/\\r/g, '').replace(/\\n/g, '\n').trim()
  const pem = unfolded.startsWith('-----BEGIN') ? unfolded : Buffer.from(unfolded, 'base64').toString('utf8').trim()
  if (!pem.startsWith('-----BEGIN')) return null
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa' ? `${pem}\n` : null
  } catch {
    // The reason can quote the key's bytes: it goes nowhere.
    return null
  }
}
