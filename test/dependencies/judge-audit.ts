/** What `npm audit --json` says of the packages that are needed to run. */
import { z } from 'zod'

const Counts = z.object({ high: z.int(), critical: z.int(), total: z.int() })
const Audit = z.object({
  metadata: z.object({ vulnerabilities: Counts }),
  vulnerabilities: z.record(z.string(), z.object({ severity: z.string(), range: z.string() })),
})
/** A registry that does not serve the question, or is not there. */
const Unanswered = z.object({ message: z.string() })

export interface Judged {
  readonly good: boolean
  readonly words: string
}

/** High and critical findings fail; a registry that does not answer is said, and does not. */
export function judgeAudit(output: string): Judged {
  const json = parsed(output)
  const audit = Audit.safeParse(json)
  if (audit.success) {
    const { high, critical, total } = audit.data.metadata.vulnerabilities
    const grave = Object.entries(audit.data.vulnerabilities).filter(([, { severity }]) => /^(high|critical)$/.test(severity))
    const named = grave.map(([name, { severity, range }]) => `${name} ${range} (${severity})`).join(', ')
    return high + critical > 0
      ? { good: false, words: `Known holes in packages that are needed to run: ${named}.` }
      : { good: true, words: `No high or critical hole is known in the packages that are needed to run (${total} lesser).` }
  }
  const unanswered = Unanswered.safeParse(json)
  if (unanswered.success)
    return {
      good: true,
      words: `Packages were not audited: the registry does not answer (${unanswered.data.message.split(' - ')[0]}).`,
    }
  return { good: false, words: 'Packages were not audited: npm said nothing that can be read.' }
}

function parsed(output: string): unknown {
  try {
    return JSON.parse(output)
  } catch {
    return null
  }
}
