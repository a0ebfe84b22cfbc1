/** Puts a text between the job's delimiters, cleaned and no longer than so many characters. */
export type AsData = (label: string, text: string, max: number) => string
