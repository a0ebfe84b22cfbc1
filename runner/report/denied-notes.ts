import type { DeniedHost } from '../../src/contract/sandbox.ts'

const WHY: Readonly<Record<DeniedHost['why'], string>> = {
  'not-listed': 'not among the hosts that this runner permits',
  'left-out': 'not among the hosts that the repository leaves its jobs',
  'private-address': 'it leads into a private network',
  'not-a-tunnel': 'not HTTPS',
}

/** Refused connections in words for people, one line for each reason. */
export function deniedNotes(denied: readonly DeniedHost[]): string[] {
  const reasons = [...new Set(denied.map(({ why }) => why))]
  return reasons.map((reason) => {
    const hosts = denied.filter(({ why }) => why === reason).map(hostText)
    return `The sandbox refused connections to ${hosts.join(', ')}: ${WHY[reason]}.`
  })
}

function hostText({ host, port, count }: DeniedHost): string {
  return `${host}:${port}${count === 1 ? '' : ` (${count} times)`}`
}
