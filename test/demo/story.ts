/** Tells what happens, as it happens, and does what people would do: opens the issue, labels it, and what the scenario has. */
import { setTimeout as sleep } from 'node:timers/promises'
import { JobId, type RunId } from '../../src/contract/ids.ts'
import type { JobResult } from '../../src/contract/job.ts'
import type { Run } from '../../src/pipeline/model.ts'
import { activeStep, isLive } from '../../src/pipeline/state.ts'
import { type HistoryRow, listHistory } from '../../src/store/history.ts'
import { getJob } from '../../src/store/jobs.ts'
import { pendingCount } from '../../src/store/outbox.ts'
import { findLatestRun, getRun } from '../../src/store/runs.ts'
import { createGitHubLines, type Watched } from './github-lines.ts'
import { historyLines } from './history-lines.ts'
import type { Act, Scenario, Scene } from './scenario.ts'
import type { Line, Screen } from './screen.ts'
import type { Started } from './started.ts'
import { workingLine } from './working-line.ts'

/** Between two looks at what is new, in ms. */
const LOOK_MS = 100
/** The line that is rewritten needs no more than this. */
const LOOKS_PER_STATUS = 5
const HISTORY_PAGE = 200
const PERSON = 'mona'

export interface Told {
  issue: { repository: string; number: number }
  /** Null when nothing was taken up within the time. */
  run: Run | null
  /** Why the story has no good end; null when the run is done and everything of it is shown. */
  trouble: string | null
}

export interface Teller {
  started: Started
  scenario: Scenario
  screen: Screen
  /** When the demo began and when it gives up, in ms since the epoch. */
  startedAt: number
  until: number
  /** Set when somebody wants it to end. */
  signal: AbortSignal
}

/** Plays the people and tells the story to its end: the run is over and GitHub shows it. */
export async function tellStory(teller: Teller): Promise<Told> {
  const { started, scenario, screen, startedAt } = teller
  const { github, app } = started.world
  const { repository, title, body } = scenario.issue
  const mona = github.as(PERSON)
  const opened = mona.openIssue(repository, { title, body })
  const issue = { repository, number: opened.number }
  const where = `${repository}#${opened.number}`
  const now = () => Date.now() - startedAt
  screen.line({ at: now(), mark: 'person', what: `${PERSON} opens an issue`, where, detail: `“${title}”` })
  mona.label(repository, opened.number, scenario.label)
  screen.line({ at: now(), mark: 'person', what: `${PERSON} labels it`, where, detail: scenario.label })

  const repositories = github.inspect().repositories()
  const watched: Watched = { github, repositories, issue, botId: app.botId, startedAt }
  const look = createLook(teller, watched)
  const acts = [...scenario.acts]
  for (;;) {
    const { run, pending } = await look()
    if (run !== null && isLive(run)) await act(teller, acts, { github, issue, botId: app.botId, run })
    const end = run === null ? null : endOf(scenario, run, pending)
    if (end !== null || Date.now() > teller.until || teller.signal.aborted) {
      screen.status(null)
      const stopped = teller.signal.aborted ? 'It was interrupted.' : `It did not end within its time, ${seconds(teller)} s.`
      return { issue, run, trouble: end === null ? stopped : end.trouble }
    }
    await sleep(LOOK_MS)
  }
}

function seconds({ startedAt, until }: Teller): number {
  return Math.round((until - startedAt) / 1_000)
}

/** Null while there is more to come. */
function endOf({ answers }: Scenario, run: Run, pending: number): { trouble: string | null } | null {
  if (isLive(run)) {
    const wait = activeStep(run)?.status.wait
    const stuck = wait?.for === 'person' && !answers.includes(wait.what)
    return stuck ? { trouble: `The run waits for a person (${wait.what}), and the demo has no answer to that.` } : null
  }
  // The last effects close the issue and bring the status comment up to date.
  if (pending > 0) return null
  const { status } = run
  switch (status.state) {
    case 'failed':
      return { trouble: `The run failed at ${status.step}: ${status.failure.message}` }
    case 'stopped':
      return { trouble: `The run was stopped by ${status.by}: ${status.why}` }
    default:
      return { trouble: null }
  }
}

/** Does what people do by now, and tells it; an act that is done is taken off the list. */
async function act({ screen, startedAt }: Teller, acts: Act[], scene: Scene): Promise<void> {
  for (const one of [...acts]) {
    const lines = await one(scene)
    if (lines === null) continue
    acts.splice(acts.indexOf(one), 1)
    for (const line of lines) screen.line({ at: Date.now() - startedAt, ...line })
  }
}

/** Looks once at GitHub and at the store, tells what is new, and gives how the run stands. */
function createLook({ started, screen, startedAt }: Teller, watched: Watched) {
  const { store } = started.app
  const { github, issue } = watched
  const repositoryId = github.inspect().repository(issue.repository).id
  const gitHubLines = createGitHubLines(watched)
  let id: RunId | null = null
  let run: Run | null = null
  let after = 0
  let looks = 0

  return async (): Promise<{ run: Run | null; pending: number }> => {
    id ??= await findLatestRun(store.db, repositoryId, issue.number)
    const facts = id === null ? [] : await listHistory(store.db, id, { after, limit: HISTORY_PAGE })
    // Read after the history, so that it is at least as new as the facts; whatever matters here leaves a fact.
    if (id !== null && facts.length > 0) run = await getRun(store.db, id)
    after = facts.at(-1)?.id ?? after
    const lines: Line[] = gitHubLines()
    for (const fact of facts) {
      const told = run === null ? [] : historyLines(fact, run, await resultOf(fact))
      lines.push(...told.map((line) => ({ at: fact.at - startedAt, ...line })))
    }
    for (const line of lines.toSorted((a, b) => a.at - b.at)) screen.line(line)
    if (screen.live && run !== null && looks % LOOKS_PER_STATUS === 0) {
      screen.status(await workingLine(store, run, Date.now()))
    }
    looks += 1
    return { run, pending: run === null || isLive(run) ? 0 : await pendingCount(store.db, run.id) }
  }

  async function resultOf(fact: HistoryRow): Promise<JobResult | null> {
    if (!fact.what.startsWith('job.')) return null
    const job = JobId.safeParse(fact.text)
    return job.success ? ((await getJob(store.db, job.data))?.result ?? null) : null
  }
}
