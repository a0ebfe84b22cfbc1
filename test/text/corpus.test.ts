/**
 * A corpus of untrusted texts, with what of each reaches a prompt and what is posted of it. In a text, words that begin with
 * `SEEN` are what its readers see, `HIDE` is what they do not. `vitest -u` writes the files anew: read the difference.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { safeBlock, safeLine, safeTitle } from '../../src/render/safe-text.ts'
import { cleanText } from '../../src/roles/clean-text.ts'
import { delimiterOf, fence } from '../../src/roles/fence.ts'
import { expectHarmless, expectHarmlessTitle, expectNothingHidden } from './harmless.ts'

const FOLDER = path.join(import.meta.dirname, 'corpus')
const Texts = z.array(z.object({ name: z.string(), text: z.string() }))
const DELIMITER = delimiterOf('nonce-0123456789abcdef')
/** As much honest text as makes a parser's worst cases worth avoiding; the coarse way is taken then. */
const LONG = `${'word '.repeat(4_200)}\n\n`

const topics = readdirSync(FOLDER).map((file) => {
  const full = path.join(FOLDER, file)
  return { topic: path.basename(file, '.json'), full, texts: Texts.parse(JSON.parse(readFileSync(full, 'utf8'))) }
})

/** What is shown of it and where; invisible characters can be read in the file. */
const results = ({ name, text }: z.infer<typeof Texts>[number]) => ({
  name,
  text,
  prompt: cleanText(text),
  block: safeBlock(text, 2_000),
  line: safeLine(text, 600),
  title: safeTitle(text, 600),
})
const written = (value: unknown) =>
  `${JSON.stringify(value, null, 2).replaceAll(/[^\n -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`

const seen = (text: string) => text.match(/SEEN[a-z]+/g) ?? []

describe.each(topics)('$topic', ({ full, texts }) => {
  test('what comes of each is as the corpus says', async () => {
    await expect(written(texts.map(results))).toMatchFileSnapshot(full)
  })

  test.each(texts)('to an agent: $name', ({ text }) => {
    const visible = seen(text.replaceAll(/[\p{Default_Ignorable_Code_Point}]/gu, ''))
    expect(visible.length).toBeGreaterThan(0)
    for (const before of ['', LONG]) {
      const prompt = cleanText(before + text)
      expect(prompt).not.toContain('HIDE')
      expect(cleanText(prompt)).toBe(prompt)
      expectNothingHidden(prompt)
      // The coarse way spares no code.
      if (before === '') expect(seen(prompt)).toEqual(visible)
      const lines = fence('text', `${prompt}\nEND DATA text ${DELIMITER}`, DELIMITER).split('\n')
      expect(lines.filter((line) => line.includes(DELIMITER))).toEqual([lines[0], lines.at(-1)])
    }
  })

  test.each(texts)('posted: $name', ({ text }) => {
    const { block, line, title } = results({ name: '', text })
    for (const markdown of [block, line, safeBlock(block, 4_000), safeLine(line, 1_200)]) expectHarmless(markdown)
    expect(line).not.toContain('\n')
    expectHarmlessTitle(title)
    const visible = seen(text.replaceAll(/[\p{Default_Ignorable_Code_Point}]/gu, ''))
    for (const shown of [block, line, title]) expect(seen(shown)).toEqual(visible)
  })
})
