/** What the demo is told on its command line. */
import { parseArgs } from 'node:util'
import { SCENARIO_NAMES, type ScenarioName } from './scenario.ts'

/** How long the demo may take before it gives up, in seconds: with the scripted agent, and with a real one. */
const LIMIT_SECONDS = { scripted: 300, claude: 3_600 } as const

export interface DemoOptions {
  agent: keyof typeof LIMIT_SECONDS
  /** Which pipeline is shown. */
  pipeline: ScenarioName
  /** One JSON object on stdout; what is for people goes to stderr. */
  json: boolean
  /** Everything stays up at the end, until Ctrl-C. */
  keep: boolean
  limitMs: number
}

export type Parsed = { kind: 'run'; options: DemoOptions } | { kind: 'help' } | { kind: 'wrong'; why: string }

export const HELP = `npm run demo [-- OPTIONS]

  An issue is labelled, and merged pull requests come back in two repositories, on a GitHub
  that runs on this machine. Nothing is needed: no account, no key, no service.

  --pipeline bugfix      a bug is diagnosed, a question answered, a conflict resolved, a review
                         by a person answered, and the fix merged
  --pipeline unattended  an estimate, a plan, a change over two repositories, and a merge that
                         a policy allows: nobody is asked anything

  --json            ends with one JSON object on stdout; the story goes to stderr
  --keep            leaves the app, the dashboard and the local GitHub up, until Ctrl-C
  --agent claude    the real Claude Code instead of the script; needs ANTHROPIC_API_KEY
  --limit SECONDS   gives up after so long (${LIMIT_SECONDS.scripted}; with a real agent ${LIMIT_SECONDS.claude})
  --help            this text
`

/** Reads the arguments after the program's name. */
export function parseOptions(args: readonly string[]): Parsed {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        agent: { type: 'string', default: 'scripted' },
        pipeline: { type: 'string', default: 'default' },
        json: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        limit: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) return { kind: 'help' }
    const { agent, json, keep } = values
    if (agent !== 'scripted' && agent !== 'claude')
      return wrong(`there is no agent “${agent}”: write --agent claude, or leave it out`)
    const pipeline = SCENARIO_NAMES.find((name) => name === values.pipeline)
    if (pipeline === undefined)
      return wrong(`there is no demo of “${values.pipeline}”: write --pipeline with one of ${SCENARIO_NAMES.join(', ')}`)
    if (agent === 'claude' && pipeline !== 'default')
      return wrong(`--agent claude shows the default pipeline only; leave --pipeline out`)
    const seconds = values.limit === undefined ? LIMIT_SECONDS[agent] : Number(values.limit)
    if (!Number.isFinite(seconds) || seconds <= 0) return wrong(`--limit takes a number of seconds, such as --limit 120`)
    return { kind: 'run', options: { agent, pipeline, json, keep, limitMs: seconds * 1_000 } }
  } catch (error) {
    // parseArgs names the argument and what is wrong with it.
    return wrong(error instanceof Error ? error.message.replace(/\.? To specify a positional.*$/s, '') : String(error))
  }
}

function wrong(why: string): Parsed {
  return { kind: 'wrong', why }
}
