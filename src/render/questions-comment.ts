/** The one comment with a step's questions, edited in place as they are settled (STP-4). Markdown. */
import { controlLine } from '../commands/checkbox.ts'
import type { RunId, StepId } from '../contract/ids.ts'
import type { Run, Step } from '../pipeline/model.ts'
import type { SettledFinding } from '../pipeline/outputs.ts'
import { activeStep } from '../pipeline/state.ts'
import { count } from './money.ts'
import { questionsView } from './questions-data.ts'
import { safeLine } from './safe-text.ts'
import { stacked } from './section.ts'
import { stepName } from './step-name.ts'

/** GitHub's limit for a comment, in characters. */
const COMMENT_MAX_CHARS = 65_536
/** How long a question and what was said to it may be, in characters; the next one is tried where all are too long. */
const LENGTHS = [
  { open: 1_500, settled: 600 },
  { open: 900, settled: 200 },
  { open: 500, settled: 80 },
]
type Lengths = (typeof LENGTHS)[number]

/** What a run's questions comment begins with; hidden in the page. With this it is found again. */
export function questionsMarker(run: RunId, step: StepId): string {
  return `<!-- switchyard:questions run=${run} step=${step} `
}

/** The comment as it should stand; null for a step that has not asked anything. */
export function renderQuestionsComment(run: Run, step: Step): string | null {
  const view = questionsView(step)
  if (view === null) return null
  const now = activeStep(run)?.id === step.id ? view.asked : []
  const texts = LENGTHS.map((lengths) => layOut(run, step, view.findings, now, lengths))
  return texts.find((text) => text.length <= COMMENT_MAX_CHARS) ?? (texts.at(-1) ?? '').slice(0, COMMENT_MAX_CHARS)
}

function layOut(run: Run, step: Step, findings: readonly SettledFinding[], asked: readonly string[], lengths: Lengths): string {
  const open = findings.filter(({ id, how }) => how === 'open' && asked.includes(id))
  const others = findings.filter((finding) => !open.includes(finding))
  const { prefix } = run.settings
  const first = open[0]?.id ?? 'Q1'
  const text = stacked([
    `${questionsMarker(run.id, step.id)}thread=${run.task.repository}#${run.task.number} -->`,
    `### Switchyard · ${heading(step, open.length)}`,
    open.length === 0
      ? ''
      : `Comment \`${prefix} answer ${first}\` and your words, or quote a question and write below it. Tick one that needs no answer. \`${prefix} proceed\` goes on with all of them left open.`,
    open.map((finding) => openLine(finding, lengths)).join('\n'),
    others.length === 0 ? '' : ['**Settled**', '', ...others.map((finding) => settled(finding, lengths))].join('\n'),
    `<sub>${footer(run, step)}</sub>`,
  ])
  return `${text}\n`
}

function heading(step: Step, open: number): string {
  if (open > 0) return open === 1 ? 'one question' : count(open, 'question')
  return step.status.state === 'active' ? 'reading the answers' : 'no question is open'
}

/** Ticking the box says that the question needs no answer. */
function openLine({ id, finding }: SettledFinding, { open }: Lengths): string {
  const { kind, severity, text, suggestion } = finding
  const taken = suggestion === undefined ? '' : ` If nobody says otherwise: ${safeLine(suggestion, open)}`
  return controlLine({
    id: `dismiss:${id}`,
    label: `**${id}** (${kind}, ${severity} severity): ${safeLine(text, open)}${taken}`,
    checked: false,
  })
}

function settled({ id, finding, how, answer, by }: SettledFinding, lengths: Lengths): string {
  const asked = safeLine(finding.text, lengths.settled)
  const who = by === null ? 'somebody' : safeLine(by, 100)
  switch (how) {
    case 'answered':
      return `- ✓ **${id}** ${asked} Answered by ${who}: ${safeLine(answer ?? '', lengths.settled)}`
    case 'dismissed':
      return `- – **${id}** ~~${asked}~~ Dismissed by ${who}.`
    case 'open':
      return `- ○ **${id}** ${asked} Left open.`
  }
}

function footer(run: Run, step: Step): string {
  const rounds = questionsView(step)?.rounds ?? 0
  return [`step ${stepName(step)}`, `round ${rounds}`, `run \`${run.id}\``, `\`${run.settings.prefix} help answer\``].join(
    ' · ',
  )
}
