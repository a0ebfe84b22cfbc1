/** The demo's thread, made small: two repositories, a plan that is approved, a red check that is mended, both merged. */
import { activeStep } from '../../src/pipeline/state.ts'
import { listHistory } from '../../src/store/history.ts'
import { jobUsageOfRun } from '../../src/store/job-usage.ts'
import { pendingCount } from '../../src/store/outbox.ts'
import { findLatestRun, getRun, listRuns } from '../../src/store/runs.ts'
import type { AgentScriptInput } from '../agents/agent-script.ts'
import type { NewRepository } from '../github/state/repositories.ts'
import type { Yard } from './harness.ts'
import { pipeline, repository } from './repositories.ts'
import { call, change, done, plan } from './script.ts'
import type { Task } from './task.ts'

const PERSON = 'mona'
const MERGE = '/repos/{owner}/{repo}/pulls/{pull_number}/merge'
/** Writes that create something: the same one twice is one too many. */
const CREATING: ReadonlySet<string | null> = new Set([
  '/repos/{owner}/{repo}/pulls',
  '/repos/{owner}/{repo}/issues/{issue_number}/comments',
  '/repos/{owner}/{repo}/check-runs',
  MERGE,
])
const RUNS_MAX = 100

export interface Names {
  app: string
  lib: string
  title: string
}

/** A thread's own repositories and issue. */
export function namesOf(seed: number): Names {
  const digits = String(seed).padStart(2, '0')
  return { app: `app-${digits}`, lib: `lib-${digits}`, title: `Thread ${digits} adds a note` }
}

/** The seed of a repository's thread. */
export function seedOf(name: string): number {
  return Number(/-(\d+)$/.exec(name)?.[1] ?? 0)
}

export function threadRepositories(seed: number): NewRepository[] {
  const { app, lib } = namesOf(seed)
  const steps = [...pipeline('plan', 'approval', 'code', 'ci'), { kind: 'merge', by: 'auto' }]
  return [
    repository(app, { pipelines: { ship: steps }, peers: [{ repository: `acme/${lib}`, role: 'provider' }] }),
    repository(lib, null),
  ]
}

/** The coder leaves the provider red; the fixer finds the file that makes it so. */
export function threadScript(seed: number): AgentScriptInput['calls'] {
  const { app, lib, title } = namesOf(seed)
  const folder = (name: string) => `acme__${name}`
  return [
    call('planner', title, [plan([`acme/${lib}`, `acme/${app}`])]),
    call('coder', title, [
      ...change('red', 'The note is upside down.\n', folder(lib)),
      ...change('note.txt', 'app\n', folder(app)),
      done(),
    ]),
    call('fixer', title, [{ do: 'delete', in: folder(lib), path: 'red' }, ...change('note.txt', 'lib\n', folder(lib)), done()]),
  ]
}

/** What a person does: label the issue, and tick the box below the plan as soon as it is there. */
export async function playThread(yard: Yard, seed: number, patienceMs: number): Promise<Task> {
  const { app, title } = namesOf(seed)
  const task = yard.task({ repository: `acme/${app}`, title, by: PERSON, label: 'switchyard:ship' })
  const box = await yard.waitFor(
    () => task.statusComment()?.body.includes('- [ ] Approve plan') && task.statusComment(),
    `a plan to approve on ${app}`,
    patienceMs,
  )
  yard.github.as(PERSON).tick(task.repository, box.id, 'Approve plan')
  await yard.waitFor(() => task.issue().state === 'closed', `${app} closed`, patienceMs)
  await yard.waitFor(() => task.stateLabels().join() === 'switchyard/done', `${app} labelled as done`, patienceMs)
  return task
}

/** How a thread ended, by GitHub, by git and by the store; what may differ between two seeds is left out. */
export async function endOf(yard: Yard, seed: number, task: Task) {
  const { app, lib } = namesOf(seed)
  const seen = yard.github.inspect()
  const { db } = yard.app.store
  const id = await findLatestRun(db, seen.repository(task.repository).id, task.number)
  const run = id === null ? null : await getRun(db, id)
  const writes = seen
    .requests()
    .filter(({ write, status, path }) => write && status < 300 && [app, lib].some((name) => path.includes(`/acme/${name}/`)))
  const created = writes
    .filter(({ method, route }) => method !== 'PATCH' && CREATING.has(route))
    .map(({ path, route, body }) => `${path} ${route?.endsWith('/check-runs') ? checkOf(body) : ''}`)
  const pulls = [lib, app].map((name) => seen.pulls(`acme/${name}`))
  return {
    run: run === null ? null : run.status.state,
    active: run === null ? null : activeStep(run),
    runs: (await listRuns(db, { repositoryId: seen.repository(task.repository).id, limit: RUNS_MAX })).length,
    left: id === null ? null : await pendingCount(db, id),
    jobs: id === null ? [] : (await jobUsageOfRun(db, id)).map(({ role }) => role),
    pulls: pulls.map((of) => of.map(({ pull }) => (pull.merged === null ? 'open' : 'merged'))),
    merges: writes.filter(({ route }) => route === MERGE).map(({ path }) => (path.includes(`/${lib}/`) ? 'lib' : 'app')),
    checked: pulls.flat().every(({ pull }) => run?.legs.some(({ mergedSha }) => mergedSha === pull.headSha) === true),
    issue: task.issue().state,
    stateLabels: task.stateLabels(),
    startLabels: task.labels().filter((name) => name.startsWith('switchyard:')),
    statusComments: seen.comments(task.repository, task.number).filter(({ body }) => body.includes('switchyard:status')).length,
    comments: [`acme/${app}`, `acme/${lib}`].flatMap((name) =>
      seen.issues(name).flatMap(({ number }) => seen.comments(name, number).map(() => number)),
    ).length,
    twice: created.filter((each, index) => created.indexOf(each) !== index),
    approvals:
      id === null
        ? 0
        : (await listHistory(db, id, { limit: RUNS_MAX })).filter(
            ({ what, step }) => what === 'step.done' && step === 'approval',
          ).length,
  }
}

function checkOf(body: unknown): string {
  const { name, head_sha } = body as { name: string; head_sha: string }
  return `${name} ${head_sha}`
}
