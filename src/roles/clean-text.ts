import { stripHiddenMarkup } from './hidden-markup.ts'
import { stripInvisible } from './invisible.ts'

/** Taking something out can join two halves of something else; after so many rounds the text is taken for an attack. */
const MAX_ROUNDS = 20

/**
 * Text by people as a reader of the page sees it: without what only a machine would read (comments, invisible
 * characters, alternative texts and titles, definitions nobody refers to). What is visible stays as it is, code included;
 * emoji lose their joiners. Never throws; cleaning twice changes nothing more.
 */
export function cleanText(text: string): string {
  let current = stripInvisible(text)
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const next = stripInvisible(stripHiddenMarkup(current))
    if (next === current) return current
    current = next
  }
  return stripHiddenMarkup(current.replaceAll(/[<>[\]&`~]/g, ''))
}
