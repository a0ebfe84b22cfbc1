/** What a question is called in comments: `Q1`, `Q2`, … */
const NAME = /^(?:\*\*)?(q\d{1,3})(?:\*\*)?[:.,)]?$/i

/** The question that a word names, as it is shown; null where the word names none. */
export function questionId(word: string): string | null {
  return NAME.exec(word)?.[1]?.toUpperCase() ?? null
}
