/** Shorter values are looked for nowhere: they would blot out ordinary words. In characters. */
const LENGTH_MIN = 12
/** What variables with a credential are called. */
const SECRET_NAME = /(?:^|_)(?:KEY|SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?)$/i

/**
 * The credentials that this process has in its environment, by the names of the variables and from addresses with a
 * password: they are taken out of everything that is reported, and are never pushed.
 */
export function ownSecrets(env: Readonly<Record<string, string | undefined>>): string[] {
  const values = Object.entries(env).flatMap(([name, value = '']) =>
    SECRET_NAME.test(name) ? [value] : URL.canParse(value) ? [decoded(new URL(value).password)] : [],
  )
  return [...new Set(values.filter((value) => value.length >= LENGTH_MIN))]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
