/**
 * What people read on GitHub, held against docs/what-people-read.md: the page is written by the tests themselves
 * (`node test/e2e/what-people-read.ts`), and in an ordinary run every text must be as the page has it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { expect } from 'vitest'

export const PAGE = path.join(import.meta.dirname, '../../docs/what-people-read.md')
/** Set while the page is written: the folder that takes its parts. */
export const PARTS_VARIABLE = 'WHAT_PEOPLE_READ_PARTS'

/** The page's sections, in their order; each belongs to one test file, whose order its parts have. */
export const SECTIONS = [
  'Starting',
  'Commands',
  'Questions',
  'Approving a plan',
  'Who may',
  'When an agent fails',
  'When money runs out',
  'Checks',
  'Merging',
  'When GitHub fails',
  'Stopping',
  'The queue',
] as const
export type SectionTitle = (typeof SECTIONS)[number]

export interface Part {
  section: SectionTitle
  title: string
  situation: string
  texts: string[]
}

/** Holds texts of Switchyard's against the page, or writes them down for it. */
export function isRead(section: SectionTitle, title: string, situation: string, ...texts: string[]): void {
  const part: Part = { section, title, situation, texts: asRead(texts) }
  const folder = process.env[PARTS_VARIABLE]
  if (folder !== undefined) {
    writeFileSync(
      path.join(folder, `${String(performance.timeOrigin + performance.now()).padEnd(20, '0')}.json`),
      JSON.stringify(part),
    )
    return
  }
  const [, found = ''] = readFileSync(PAGE, 'utf8').split(`### ${title}\n`)
  const [onPage] = found.split(/^##/m)
  expect(onPage?.trim(), 'the page is written anew by: node test/e2e/what-people-read.ts').toBe(renderPart(part))
}

/** A part as the page has it, below its heading. */
export function renderPart({ situation, texts }: Part): string {
  const quoted = texts.map((text) =>
    text
      .split('\n')
      .map((line) => `> ${line}`.trimEnd())
      .join('\n'),
  )
  return [situation, ...quoted].join('\n\n')
}

/** Without what differs from run to run: ids, commits, times and addresses. */
function asRead(texts: string[]): string[] {
  const numbers = new Map<string, string>()
  const number = (found: string) => {
    const known = numbers.get(found) ?? String(numbers.size + 1)
    numbers.set(found, known)
    return known
  }
  return texts.map((text) =>
    text
      .replace(/<!-- switchyard:(?:status|reply|pull|questions) .*? -->\n*/g, '')
      .replace(/ <!-- switchyard:control .*? -->/g, '')
      .replace(/\n*<details><summary>How this is done[\s\S]*?<\/details>/, '')
      .replace(/\n*<sub>.*<\/sub>/, '')
      .replace(/http:\/\/127\.0\.0\.1:\d+\/runs\/[a-z0-9]+/g, 'https://switchyard.example.com/runs/k3f9')
      .replace(/http:\/\/127\.0\.0\.1:\d+\//g, 'https://github.example.com/')
      .replace(/#issuecomment-\d+/g, '#issuecomment-1')
      .replace(/(#|\/issues\/|\/pull\/)(\d+)\b/g, (_, before: string, found: string) => `${before}${number(found)}`)
      .replace(/(\bat|\bcommit) `[0-9a-f]{7}`/g, '$1 `0a1b2c3`')
      .replace(/\b[0-9a-f]{40}\b/g, '0a1b2c3')
      .replaceAll('\u00a0', ' ')
      .replace(/\| [\d a-z]*\d (?:s|min|h) \|$/gm, '| 3 s |')
      .replace(/It took \d+ (?:s|min)(?: \d+ s)?/, 'It took 3 min')
      .replace(/since (?:\d{4}-\d\d-\d\d )?\d\d:\d\d UTC/g, 'since 14:05 UTC')
      .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '2026-01-05T14:05:00Z')
      .replace(/(switchyard\/)\d+(-[a-z0-9-]+)-[a-z0-9]{8}\b/g, '$11$2-k3f9')
      .trim(),
  )
}
