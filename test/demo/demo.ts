/** The demo from its heading to its end. */
import { readFile } from 'node:fs/promises'
import { renderTerminal } from '../../src/render/terminal.ts'
import { showEnding } from './ending.ts'
import { gatherEvidence, resultOf, statusCommentOf, tenths } from './evidence.ts'
import type { DemoOptions } from './options.ts'
import type { Scenario } from './scenario.ts'
import { SCENARIOS } from './scenarios/registry.ts'
import type { Screen } from './screen.ts'
import { type Started, start } from './started.ts'
import { type Told, tellStory } from './story.ts'

const LOG_LINES = 15

export interface DemoEnd {
  good: boolean
  result: ReturnType<typeof resultOf> & { error?: string }
  started: Started
  issueUrl: string
}

/** Runs the demo. What it started is still up: whoever called stops it. */
export async function runDemo(options: DemoOptions, screen: Screen, signal: AbortSignal): Promise<DemoEnd> {
  // From the start of the process: loading what it needs is time that somebody waits.
  const startedAt = performance.timeOrigin
  const at = () => Date.now() - startedAt
  const scenario = SCENARIOS[options.pipeline]
  introduce(screen, options, scenario)
  const started = await start(options.agent, scenario, (part) => {
    screen.status(null)
    screen.line({ at: at(), mark: 'done', ...part })
    screen.status('Starting')
  })
  screen.status(null)
  try {
    return await showIt({ options, scenario, screen, signal, started, startedAt })
  } catch (error) {
    // Nobody has it to stop it but here.
    await started.stop({ keepFolder: true })
    throw error
  }
}

interface Showing {
  options: DemoOptions
  scenario: Scenario
  screen: Screen
  signal: AbortSignal
  started: Started
  startedAt: number
}

async function showIt({ options, scenario, screen, signal, started, startedAt }: Showing): Promise<DemoEnd> {
  const { world } = started
  const { github } = world
  const told = await tellStory({ started, scenario, screen, startedAt, until: startedAt + options.limitMs, signal })
  const seconds = tenths(Date.now() - startedAt)
  const asked = { github, issue: told.issue, run: told.run }
  const evidence = await gatherEvidence(asked, Date.now())
  const claims = await scenario.claims({ github, run: told.run, evidence })
  const shown = told.run === null ? null : statusCommentOf(github, told.issue, world.app.botId, told.run.id)
  const comment = shown?.body ?? null
  const good = told.trouble === null && claims.every(({ holds }) => holds)
  const result = resultOf(asked, evidence, seconds)
  const issueUrl = `${github.url}/${told.issue.repository}/issues/${told.issue.number}`
  if (told.trouble === null) {
    const { issue } = told
    await showEnding(screen, {
      github,
      evidence,
      claims,
      writes: started.app.githubWrites(),
      statusComment: comment,
      issue,
      seconds,
    })
  } else await showTrouble(screen, told, comment, started.logFile)
  const broken = claims.filter(({ holds }) => !holds).map(({ what }) => what)
  const error = told.trouble ?? (good ? null : `Not so: ${broken.join('; ')}.`)
  return { good, result: error === null ? result : { ...result, error }, started, issueUrl }
}

/** What is real here and what is not. */
function introduce(screen: Screen, { agent }: DemoOptions, { name, headline, mistake }: Scenario): void {
  const { colours } = screen
  const title = name === 'default' ? 'Switchyard demo' : `Switchyard demo, pipeline ${name}`
  screen.text(`\n${colours.bold(title)}: ${headline}\n`)
  const agentWords =
    agent === 'scripted'
      ? `a script (the runtime \`command\`), not a model; ${mistake}`
      : 'the real Claude Code, with your key; what it does costs money'
  const facts: [string, string][] = [
    ['GitHub', 'a local one on loopback; its git, webhooks, CI and merges are real'],
    ['Agent', agentWords],
    ['Sandbox', 'off in the demo: the agent runs as you, on this machine'],
    ['Pace', 'GitHub wants about one write a second; here writes are not held back'],
  ]
  for (const [name, text] of facts) screen.text(`  ${name.padEnd(8)} ${colours.dim(text)}`)
  screen.text('')
}

async function showTrouble(screen: Screen, told: Told, comment: string | null, logFile: string): Promise<void> {
  const { colours } = screen
  screen.text(`\n${colours.red('The demo did not get through.')} ${told.trouble}`)
  if (comment !== null) {
    screen.text(`\n${colours.bold('The status comment')}\n`)
    screen.text(renderTerminal(comment, { color: colours.isColorSupported }))
  }
  const log = await readFile(logFile, 'utf8').catch(() => '')
  screen.text(`\n${colours.bold('The last lines of the log')} ${colours.dim(logFile)}\n`)
  screen.text(log.trimEnd().split('\n').slice(-LOG_LINES).join('\n'))
}
