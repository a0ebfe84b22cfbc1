/** The demo from its heading to its end. */
import { readFile } from 'node:fs/promises'
import { renderTerminal } from '../../src/render/terminal.ts'
import { showEnding } from './ending.ts'
import { gatherEvidence, resultOf, tenths } from './evidence.ts'
import type { DemoOptions } from './options.ts'
import type { Screen } from './screen.ts'
import { type Started, start } from './started.ts'
import { statusComment, type Told, tellStory } from './story.ts'
import { verify } from './verify.ts'

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
  introduce(screen, options)
  const started = await start(options.agent, (part) => {
    screen.status(null)
    screen.line({ at: at(), mark: 'done', ...part })
    screen.status('Starting')
  })
  screen.status(null)
  try {
    return await showIt({ options, screen, signal, started, startedAt })
  } catch (error) {
    // Nobody has it to stop it but here.
    await started.stop({ keepFolder: true })
    throw error
  }
}

interface Showing {
  options: DemoOptions
  screen: Screen
  signal: AbortSignal
  started: Started
  startedAt: number
}

async function showIt({ options, screen, signal, started, startedAt }: Showing): Promise<DemoEnd> {
  const { world } = started
  const { github } = world
  const repositories = github.inspect().repositories()

  const told = await tellStory({ started, screen, startedAt, until: startedAt + options.limitMs, signal })
  const seconds = tenths(Date.now() - startedAt)
  const asked = { github, issue: told.issue, run: told.run }
  const evidence = await gatherEvidence(asked, Date.now())
  const claims = verify(told.run, evidence)
  const watched = { github, repositories, issue: told.issue, botId: world.app.botId, startedAt }
  const comment = told.run === null ? null : (statusComment(watched, told.run.id)?.body ?? null)
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
function introduce(screen: Screen, { agent }: DemoOptions): void {
  const { colours } = screen
  screen.text(
    `\n${colours.bold('Switchyard demo')}: an issue is labelled, and merged pull requests come back in two repositories.\n`,
  )
  const agentWords =
    agent === 'scripted'
      ? 'a script (the runtime `command`), not a model; it makes one mistake on purpose'
      : 'the real Claude Code, with your key; what it does costs money'
  const facts: [string, string][] = [
    ['GitHub', 'a local one on loopback; its git, webhooks, CI and merges are real'],
    ['Agent', agentWords],
    ['Sandbox', 'none yet: the agent runs as you, on this machine'],
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
