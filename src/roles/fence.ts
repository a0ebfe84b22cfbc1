/**
 * Marks text by others as data. The delimiter is a word nobody could have known when they wrote the text: it is derived
 * from the job's nonce, by a hash, so that a prompt does not tell the nonce.
 */
import { createHash } from 'node:crypto'

/** Length of a delimiter, in hexadecimal digits. */
const DELIMITER_DIGITS = 20
const REMOVED = '[removed]'

/** The delimiter of a job's data blocks. */
export function delimiterOf(nonce: string): string {
  return createHash('sha256').update(`switchyard data fence\n${nonce}`).digest('hex').slice(0, DELIMITER_DIGITS)
}

/** What the text is, in words of ours: letters, digits and spaces. Anything else is left out of it. */
function plainLabel(label: string): string {
  return label.replaceAll(/[^\w #./-]/g, '').slice(0, 120)
}

/** The text between its two lines. A delimiter inside the text or the label is removed, so that nothing ends the block early. */
export function fence(label: string, text: string, delimiter: string): string {
  const pattern = new RegExp(delimiter, 'gi')
  const name = plainLabel(label.replaceAll(pattern, REMOVED))
  return [`BEGIN DATA ${name} ${delimiter}`, text.replaceAll(pattern, REMOVED), `END DATA ${name} ${delimiter}`].join('\n')
}
