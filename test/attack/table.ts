/** The outcomes as a calm table for a terminal. Reads the same without colour. */
import pc from 'picocolors'
import type { Outcome, Verdict } from './attack.ts'

const MARKS: Readonly<Record<Verdict, string>> = {
  stopped: '✓ stopped',
  succeeded: '✗ SUCCEEDED',
  open: '! open',
  closed: '✗ not open any more',
  broken: '✗ not shown',
  skipped: '- not tried here',
}
const COLOURS: Readonly<Record<Verdict, (text: string) => string>> = {
  stopped: pc.green,
  succeeded: pc.red,
  open: pc.yellow,
  closed: pc.red,
  broken: pc.red,
  skipped: pc.dim,
}

/** Lines of the table: per topic its attacks, with what was seen of those that were not simply stopped. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const width = Math.max(0, ...outcomes.map(({ name }) => name.length))
  const topics = [...new Set(outcomes.map(({ topic }) => topic))]
  const parts = topics.map((topic) => {
    const lines = outcomes.filter((outcome) => outcome.topic === topic).flatMap((outcome) => linesOf(outcome, width))
    return [pc.bold(topic), ...lines].join('\n')
  })
  return [...parts, summaryOf(outcomes)].join('\n\n')
}

function linesOf({ name, verdict, told, saw }: Outcome, width: number): string[] {
  const said = verdict === 'stopped' ? pc.dim(`  told: ${told}`) : ''
  const line = `  ${name.padEnd(width)}  ${COLOURS[verdict](MARKS[verdict])}${said}`
  if (verdict === 'stopped') return [line]
  return [
    line,
    ...saw
      .split('\n')
      .slice(0, verdict === 'skipped' ? 1 : 12)
      .map((text) => pc.dim(`    ${text}`)),
  ]
}

/** "74 attacks: 73 stopped, 1 open." */
export function summaryOf(outcomes: readonly Outcome[]): string {
  const verdicts: Verdict[] = ['stopped', 'open', 'succeeded', 'closed', 'broken', 'skipped']
  const words = { ...MARKS, broken: 'not shown', succeeded: 'succeeded', stopped: 'stopped', open: 'open' }
  const counts = verdicts.flatMap((verdict) => {
    const count = outcomes.filter((outcome) => outcome.verdict === verdict).length
    return count === 0 ? [] : [`${count} ${words[verdict].replace(/^\W+/, '')}`]
  })
  return `${outcomes.length} attacks: ${counts.join(', ')}.`
}
