/** What agents noticed on the way (JOB-14), with a box for each that files it as an issue. */
import { controlLine } from '../commands/checkbox.ts'
import type { Noticed, Run } from '../pipeline/model.ts'
import { safeLine } from './safe-text.ts'
import type { Section } from './section.ts'

/** A list longer than this shows titles alone: the comment has a limit, and other things to say. */
const WHOLE_ITEMS_MAX = 15
const KIND_MAX_CHARS = 60
const TITLE_MAX_CHARS = 240
const TEXT_MAX_CHARS = 300
const WHY_MAX_CHARS = 200

/** The list, folded; null where nothing was noticed. */
export function followUpsSection({ followUps, settings }: Run): Section | null {
  if (followUps.length === 0) return null
  const whole = followUps.length <= WHOLE_ITEMS_MAX
  const lines = followUps.map((item) => lineOf(item, whole)).join('\n')
  const open = followUps.find(({ ticket }) => ticket.state === 'open' || ticket.state === 'failed')
  const how = `Tick one to have it filed, or comment \`${settings.prefix} file ${open?.id}\`.`
  return {
    summary: `Noticed on the way: ${followUps.length}`,
    body: open === undefined ? lines : `${how}\n\n${lines}`,
  }
}

function lineOf(item: Noticed, whole: boolean): string {
  const { id, kind, title, ticket } = item
  const what = `**${id}** (${safeLine(kind, KIND_MAX_CHARS)}) ${safeLine(title, TITLE_MAX_CHARS)}`
  switch (ticket.state) {
    case 'filing':
      return `- ◌ ${what}: being filed`
    case 'filed':
      return `- ✓ ${what}: [${ticket.repository}#${ticket.number}](${ticket.url})`
    case 'open':
    case 'failed': {
      const failed = ticket.state === 'failed' ? ` (it could not be filed: ${safeLine(ticket.why, WHY_MAX_CHARS)})` : ''
      const label = `${what}${whole ? more(item) : ''} — file as an issue${failed}`
      return controlLine({ id: `file:${id}`, label, checked: false })
    }
  }
}

function more({ detail, action }: Noticed): string {
  const said = detail === '' ? '' : `: ${safeLine(detail, TEXT_MAX_CHARS)}`
  return action === '' ? said : `${said} → ${safeLine(action, TEXT_MAX_CHARS)}`
}
