/** Looks for credentials in texts, in every form in which one would be carried away. */

export interface Secret {
  name: string
  value: string
}

/** Shorter pieces would be found everywhere, in characters. */
const PIECE_MIN = 4
/** A line of a key that is long enough to be nobody else's, in characters. */
const LINE_MIN = 40

/** Which secret is where. */
export function secretsIn(
  secrets: readonly Secret[],
  texts: readonly { where: string; text: string }[],
): { secret: string; where: string }[] {
  const looked = secrets.map(({ name, value }) => ({ name, forms: formsOf(value) }))
  return texts.flatMap(({ where, text }) =>
    looked.filter(({ forms }) => forms.some((form) => text.includes(form))).map(({ name }) => ({ secret: name, where })),
  )
}

/** The value as it is, as URLs and JSON carry it, and what of its base64 it decides alone, wherever it begins in a larger text. */
export function formsOf(value: string): string[] {
  const bytes = Buffer.from(value)
  const encoded = [0, 1, 2].flatMap((offset) => {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    const core = whole.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')]
  })
  const lines = value.split('\n').filter((line) => line.length >= LINE_MIN)
  const forms = [
    value,
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    bytes.toString('hex'),
    ...encoded,
    ...lines,
  ]
  return [...new Set(forms)].filter((form) => form.length >= PIECE_MIN)
}
