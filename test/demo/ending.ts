/** The end of the demo: tables, the status comment as a picture, git's own history, and what was held against it. */
import type { WriteCount } from '../../src/github/writes.ts'
import { renderTerminal } from '../../src/render/terminal.ts'
import type { LocalGitHub } from '../github/local-github.ts'
import { git } from '../github/state/git.ts'
import { type Evidence, tenths } from './evidence.ts'
import { shortSha } from './github-lines.ts'
import type { Colours, Screen } from './screen.ts'
import { table } from './table.ts'
import type { Claim } from './verify.ts'

const HISTORY_COMMITS = '20'

export interface Ending {
  github: LocalGitHub
  evidence: Evidence
  claims: readonly Claim[]
  writes: WriteCount
  statusComment: string | null
  issue: { repository: string; number: number }
  seconds: number
}

export async function showEnding(screen: Screen, ending: Ending): Promise<void> {
  const { colours } = screen
  const { evidence, github, issue } = ending
  const heading = (text: string) => screen.text(`\n${colours.bold(text)}`)

  heading('Pull requests, in the order of their merging')
  screen.text(pullTable(evidence, colours))
  heading('Stages')
  screen.text(stageTable(evidence, colours))
  heading(`Writes to GitHub: ${evidence.writes}`)
  screen.text(writeTable(github, colours))
  screen.text(
    colours.dim(`  At GitHub’s pace they would have taken ${tenths(ending.writes.pacedMs)} s; here they were not held back.`),
  )
  heading(`The status comment on ${issue.repository}#${issue.number}, as it stands now`)
  screen.text(framed(renderTerminal(ending.statusComment ?? '(there is none)', { color: colours.isColorSupported }), colours))
  for (const { repository } of evidence.pulls) {
    heading(`git log of ${repository}`)
    screen.text(await history(github, repository))
  }
  heading('Held against GitHub, git and the store')
  for (const { what, holds } of ending.claims) screen.text(`  ${holds ? colours.green('✓') : colours.red('✗ NOT SO:')} ${what}`)
  const good = ending.claims.every(({ holds }) => holds)
  screen.text(`\n${good ? colours.green('Done') : colours.red('Not as promised')} in ${ending.seconds} s.`)
}

function pullTable({ pulls, untouched }: Evidence, colours: Colours): string {
  const rows = pulls.map(({ repository, number, headSha, checkedSha, mergedAt, url }) => [
    `${repository}#${number}`,
    shortSha(headSha),
    checkedSha === null ? 'no' : shortSha(checkedSha),
    mergedAt ?? 'not merged',
    url,
  ])
  const rest = untouched.map((repository) => [repository, '', '', 'untouched', ''])
  return table(['', 'head', 'checked', 'merged at', 'link'], [...rows, ...rest], colours)
}

function stageTable({ stages }: Evidence, colours: Colours): string {
  const rows = stages.map(({ step, status, attempts, seconds }) => [step, status, String(attempts), `${seconds.toFixed(1)} s`])
  return table(['stage', 'state', 'attempts', 'time'], rows, colours)
}

function writeTable(github: LocalGitHub, colours: Colours): string {
  const rows = Object.entries(github.inspect().writes())
    .toSorted(([, a], [, b]) => b - a)
    .map(([route, count]) => [String(count), route])
  return table(['times', 'request'], rows, colours)
}

function framed(text: string, colours: Colours): string {
  return text
    .split('\n')
    .map((line) => `  ${colours.dim('│')} ${line}`.trimEnd())
    .join('\n')
}

/** Git's own words, from the repository as GitHub has it. */
async function history(github: LocalGitHub, repository: string): Promise<string> {
  const { dir, defaultBranch } = github.inspect().repository(repository)
  const format = '--format=%h %cd %s (%an)'
  const log = await git(dir, ['log', '--graph', '--date=format-local:%H:%M:%S', format, '-n', HISTORY_COMMITS, defaultBranch])
  return log
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`.trimEnd())
    .join('\n')
}
