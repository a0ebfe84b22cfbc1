/** What becomes of the findings of a reader of the task, reading after reading (STP-4). */
import type { Finding } from '../contract/report.ts'
import type { SettledFinding } from './outputs.ts'

/** How many questions one reading may leave open. */
export const MAX_OPEN = 20
/** How many findings a step remembers; after that many the oldest settled ones are forgotten. */
export const MAX_FINDINGS = 1_000

const RANK = { none: 0, low: 1, medium: 2, high: 3 } as const

/** What nobody has settled. */
export function openOf(findings: readonly SettledFinding[]): SettledFinding[] {
  return findings.filter(({ how }) => how === 'open')
}

/** What is open and more severe than is tolerated. */
export function blocking(findings: readonly SettledFinding[], tolerate: 'none' | 'low' | 'medium'): SettledFinding[] {
  return openOf(findings).filter(({ finding }) => RANK[finding.severity] > RANK[tolerate])
}

/**
 * The findings after another reading. What was settled stays and is not asked again, whatever the reader repeats. What was
 * open stays so only if it was found again, under its number; what is new is numbered on, the severest first.
 */
export function merged(
  { findings, last }: { findings: readonly SettledFinding[]; last: number },
  found: readonly Finding[],
): { findings: SettledFinding[]; last: number } {
  const settled = findings.filter(({ how }) => how !== 'open').slice(-(MAX_FINDINGS - MAX_OPEN))
  const earlier = new Map(openOf(findings).map((each) => [normalised(each.finding.text), each]))
  const seen = new Set(settled.map(({ finding }) => normalised(finding.text)))
  const open: SettledFinding[] = []
  let number = last
  for (const finding of found.toSorted((a, b) => RANK[b.severity] - RANK[a.severity])) {
    const text = normalised(finding.text)
    if (seen.has(text) || open.length >= MAX_OPEN) continue
    seen.add(text)
    const known = earlier.get(text)
    if (known === undefined) number += 1
    open.push({ id: known?.id ?? `Q${number}`, finding, how: 'open', answer: null, by: null })
  }
  return { findings: [...settled, ...open].toSorted((a, b) => numberOf(a) - numberOf(b)), last: number }
}

/** What was settled, for the reader's next round: each question with what people said to it. */
export function settledText(findings: readonly SettledFinding[]): string {
  return findings
    .map(({ id, finding, how, answer }) => {
      const said = answer === null ? '' : ` ${answer}`
      return `${id}: ${finding.text}\n${how === 'dismissed' ? `Dismissed: it needs no answer.${said}` : `Answer:${said}`}`
    })
    .join('\n\n')
}

function numberOf({ id }: SettledFinding): number {
  return Number(id.slice(1))
}

/** The words alone: a question that differs in case, spaces or signs is the same one. */
function normalised(text: string): string {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
  return words === '' ? text.trim() : words
}
