/** `/yard status --history`: who did what, when and why (RUN-9). */
import type { Instant } from '../pipeline/model.ts'
import { SWITCHYARD } from '../pipeline/turn.ts'
import { safeLine } from './safe-text.ts'

/** So many rows are shown, the newest. */
export const HISTORY_SHOWN = 60
const TEXT_MAX_CHARS = 300

interface Shown {
  at: Instant
  what: string
  step: string | null
  who: string
  text: string
}

/** Markdown, folded; `older`: there is more than these. */
export function historyAnswer(rows: readonly Shown[], older: boolean): string {
  if (rows.length === 0) return ''
  const summary = `History, oldest first${older ? `; the newest ${rows.length}` : ''}`
  return ['<details>', `<summary>${summary}</summary>`, '', ...rows.map(line), '', '</details>'].join('\n')
}

function line({ at, what, step, who, text }: Shown): string {
  const moment = new Date(at).toISOString().slice(0, 19).replace('T', ' ')
  const where = step === null ? '' : ` *${safeLine(step, TEXT_MAX_CHARS)}*`
  const words = safeLine(text, TEXT_MAX_CHARS)
  const by = who === SWITCHYARD ? '' : ` · ${safeLine(who, TEXT_MAX_CHARS)}`
  return `- ${moment} UTC · \`${what}\`${where}${words === '' ? '' : `: ${words}`}${by}`
}
