import type { DeniedHost } from '../contract/sandbox.ts'
import type { Run } from '../pipeline/model.ts'
import { inlineCode } from './code-text.ts'
import type { Section } from './section.ts'

const WHY: Readonly<Record<DeniedHost['why'], string>> = {
  'not-listed': 'who runs Switchyard does not permit the host',
  'left-out': 'the host is not among those that the repository leaves its jobs',
  'private-address': 'the name leads into a private network',
  'not-a-tunnel': 'it was not HTTPS',
}

/** What the agents of a run, or of one of its steps, tried to reach and could not; null where there was nothing. */
export function refusedSection({ refused = [] }: Pick<Run, 'refused'>): Section | null {
  if (refused.length === 0) return null
  const lines = refused.map(({ host, port, why, count }) => {
    const often = count === 1 ? 'once' : `${count} times`
    return `- ${inlineCode(`${host}:${port}`)}, ${often}: ${WHY[why]}`
  })
  const hosts = new Set(refused.map(({ host }) => host)).size
  return { summary: `Connections that were refused: to ${hosts === 1 ? 'one host' : `${hosts} hosts`}`, body: lines.join('\n') }
}
