/** What people ask of runs, from the intent on: the real store, engine and local GitHub; nothing is put into a queue. */
import { randomBytes } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { pino } from 'pino'
import { readEnvironment } from '../../src/config/environment.ts'
import { RunId } from '../../src/contract/ids.ts'
import { createRedactor } from '../../src/contract/redact.ts'
import { answer } from '../../src/effects/answer.ts'
import { createScriptOpener } from '../../src/effects/workflow/open-script.ts'
import { createEngine } from '../../src/engine/engine.ts'
import type { Run } from '../../src/pipeline/model.ts'
import { shownState } from '../../src/pipeline/state.ts'
import { openStore } from '../../src/store/open-store.ts'
import { getEffect } from '../../src/store/outbox.ts'
import { getRun, insertRun } from '../../src/store/runs.ts'
import type { Store } from '../../src/store/store.ts'
import { outbox } from '../../src/store/tables/outbox.ts'
import { handleComment } from '../../src/webhooks/handle/comment.ts'
import type { Intake } from '../../src/webhooks/handle/intake.ts'
import type { Person } from '../../src/webhooks/intents.ts'
import { API, type Connected, connect } from '../github-client/connect.ts'
import { API as API_LEG } from '../support/example-runs.ts'

export interface Said {
  commentId: number
  /** The reaction that answers it besides `eyes`; null where none came. */
  reaction: 'rocket' | 'confused' | null
  /** New replies, without their markers. */
  replies: string[]
}

export interface ControlStage {
  on: Connected
  store: Store
  intake: Intake
  /** The clock, in ms; a test may turn it. */
  clock: { now: number }
  /** Opens an issue; with a story, its run is stored as it stands there. */
  task(run?: Run): Promise<{ number: number; run: RunId | null }>
  /** Comments, or edits a comment, as somebody; whoever may not comment has another's comment. */
  say(number: number, person: Person, body: string, edited?: { commentId: number; before: string }): Promise<Said>
  read(run: RunId): Promise<Run>
  person(login: string): Person
  stop(): Promise<void>
}

const log = pino({ level: 'silent' })

export async function startControlStage(): Promise<ControlStage> {
  const on = await connect({ validate: 'collect' })
  // The other repository of the runs: who decides for both needs the role in both.
  await on.local.createRepository({
    owner: 'acme',
    name: 'web',
    collaborators: { ann: 'admin', mia: 'maintain', wes: 'write', tia: 'triage', rex: 'read' },
    files: { 'README.md': '# Web\n' },
    ci: [],
  })
  const listed = 'version: 1\nbots: ["helper[bot]"]\n'
  await on.local.as('wes').push(API, 'main', { '.github/switchyard.yml': listed }, 'Configure')
  const store = await openStore({ log })
  const clock = { now: Date.now() }
  const now = () => clock.now
  const nothing = async () => undefined
  const queue = { addEffects: nothing, addTimers: nothing, nudgeAdmission: nothing }
  const environment = readEnvironment({
    APP_ID: `${on.app.appId}`,
    PRIVATE_KEY: on.app.privateKey,
    WEBHOOK_SECRET: 'a secret of this test',
    GITHUB_API_URL: on.local.apiUrl,
  })
  const dependencies = {
    github: on.github,
    identity: await on.github.identity(),
    store,
    redactor: createRedactor([]),
    log,
    now,
  }
  const engine = createEngine({ store, queue, now, log, showDelayMs: 0 })
  const intake: Intake = { ...dependencies, engine, openScript: createScriptOpener(), deployment: environment }
  const answering = answer(dependencies)
  const repository = on.local.inspect().repository(API)
  const ours = (number: number) =>
    on.local
      .inspect()
      .comments(API, number)
      .filter(({ author }) => author.user.login === on.app.botLogin)

  return {
    on,
    store,
    intake,
    clock,
    async task(run) {
      const { number } = on.local.as('wes').openIssue(API, { title: 'A task', body: 'Please.' })
      if (run === undefined) return { number, run: null }
      const id = RunId.parse(`r${randomBytes(8).toString('hex')}`)
      const url = `${on.local.url}/${API}/issues/${number}`
      const { installationId } = on
      const task = { ...run.task, installationId, repositoryId: repository.id, repository: API, number, url }
      const legs = run.legs.map((leg) => (leg.key === API_LEG ? { ...leg, repositoryId: repository.id } : leg))
      const stored: Run = { ...run, id, task, legs }
      await store.db.transaction((tx) => insertRun(tx, stored, shownState(stored), { priority: false }))
      return { number, run: id }
    },
    async say(number, person, body, edited) {
      const before = ours(number).length
      const comment = edited === undefined ? on.local.as('wes').comment(API, number, body) : { id: edited.commentId }
      await handleComment(
        intake,
        {
          type: 'comment',
          installationId: on.installationId,
          repository: { id: repository.id, fullName: API, defaultBranch: 'main', cloneUrl: null },
          thread: 'issue',
          number,
          commentId: comment.id,
          body,
          bodyBefore: edited?.before ?? null,
          author: person,
          actor: person,
          issue: { title: 'A task', body: '', url: `${on.local.url}/${API}/issues/${number}`, author: 'wes', state: 'open' },
        },
        { delivery: randomBytes(8).toString('hex'), index: 0 },
      )
      for (const id of await answersIn(store)) {
        const stored = await getEffect(store.db, id)
        const run = stored === null ? null : await getRun(store.db, stored.runId)
        if (stored?.effect.kind === 'answer' && run !== null) await answering(stored.effect, run)
      }
      const reactions = on.local
        .inspect()
        .comments(API, number)
        .find(({ id }) => id === comment.id)
        ?.reactions.map(({ content }) => content)
      const found = reactions?.findLast((content) => content === 'rocket' || content === 'confused')
      const reaction = found === 'rocket' || found === 'confused' ? found : null
      const replies = ours(number)
        .slice(before)
        .map((each) => each.body.split('\n').slice(1).join('\n'))
      return { commentId: comment.id, reaction, replies }
    },
    async read(run) {
      const found = await getRun(store.db, run)
      if (found === null) throw new Error(`no run ${run}`)
      return found
    },
    person: (login) => ({ login, id: on.local.as(login).id, type: 'User' }),
    async stop() {
      await store.close()
      await on.stop()
    },
  }
}

const answered = new WeakMap<Store, Set<string>>()

/** The answers that runs decided since this was asked for the last time: what the outbox's worker would carry out. */
async function answersIn(store: Store): Promise<string[]> {
  const seen = answered.get(store) ?? new Set<string>()
  answered.set(store, seen)
  const rows = await store.db.select({ id: outbox.id }).from(outbox).where(eq(outbox.kind, 'answer')).orderBy(outbox.position)
  const fresh = rows.map(({ id }) => id).filter((id) => !seen.has(id))
  for (const id of fresh) seen.add(id)
  return fresh
}
