/** A run and what its effects need, on the local GitHub: for handlers that are called as the engine calls them. */
import { pino } from 'pino'
import { HeadSha, LegKey, RunId } from '../../src/contract/ids.ts'
import { createRedactor } from '../../src/contract/redact.ts'
import type { GitHubEffects } from '../../src/effects/dependencies.ts'
import type { Leg, Run, RunStatus } from '../../src/pipeline/model.ts'
import { newRun } from '../../src/pipeline/new-run.ts'
import type { LocalGitHubOptions } from '../github/local-github.ts'
import { API, type Connected, connect } from '../github-client/connect.ts'
import { aStep, aTask, someSettings } from '../support/core/build.ts'

/** The one leg of these runs. */
export const LEG = LegKey.parse('acme__api')
/** What the redactor of these tests knows. */
export const SECRET_WORD = 'a registered secret'

export interface Stage {
  on: Connected
  dependencies: GitHubEffects
  /** A run over `acme/api`, its leg changed as given. */
  run(leg?: Partial<Leg>, change?: { id?: string; status?: RunStatus }): Run
  /** Pushes a file to a branch of its own; gives the branch and its head. */
  push(files?: Record<string, string>): Promise<{ workBranch: string; head: HeadSha }>
  /** Pushes, opens a draft pull request as the App does, and gives the leg that has both. */
  pull(): Promise<Partial<Leg> & { head: HeadSha; pull: NonNullable<Leg['pull']> }>
  /** Merges a leg's pull request as a person; gives the leg as it is then. */
  merge(
    leg: Partial<Leg> & { head: HeadSha; pull: NonNullable<Leg['pull']> },
  ): Promise<Partial<Leg> & { pull: NonNullable<Leg['pull']>; mergeSha: HeadSha }>
}

/** Connects; `stage.on.stop()` ends it. */
export async function startStage(options: LocalGitHubOptions = {}): Promise<Stage> {
  const on = await connect({ validate: 'collect', ...options })
  const wes = on.local.as('wes')
  let count = 0
  const push = async (files: Record<string, string> = {}) => {
    count += 1
    const workBranch = `switchyard/e${count}`
    const sha = await wes.push(API, workBranch, { [`e-${count}.txt`]: 'e', ...files }, `Change ${count}`)
    return { workBranch, head: HeadSha.parse(sha) }
  }
  return {
    on,
    dependencies: {
      github: on.github,
      identity: await on.github.identity(),
      // None of these effects reads or writes the store.
      store: undefined as never,
      redactor: createRedactor([SECRET_WORD]),
      log: pino({ level: 'silent' }),
      now: () => Date.now(),
    },
    run(leg = {}, { id = 'run1', status } = {}) {
      const { installationId } = on
      const repositoryId = on.local.inspect().repository(API).id
      const task = aTask({ installationId, repositoryId, repository: API })
      const legs = [
        {
          key: LEG,
          repositoryId,
          repository: API,
          cloneUrl: `${on.local.url}/${API}.git`,
          role: 'primary',
          access: 'write',
          baseBranch: 'main',
          workBranch: 'switchyard/none',
        },
      ] as const
      const steps = [aStep('agent', 'code')]
      const settings = someSettings()
      const made = newRun({ id: RunId.parse(id), task, pipeline: 'test', steps, settings, legs: [...legs] }, Date.now())
      return { ...made, status: status ?? made.status, legs: made.legs.map((each) => ({ ...each, ...leg })) }
    },
    push,
    async pull() {
      const { workBranch, head } = await push()
      const asked = { owner: 'acme', repo: 'api', title: 'Work', head: workBranch, base: 'main', draft: true }
      const { data } = await on.octokit.rest.pulls.create(asked)
      const { number, node_id: nodeId, html_url: url } = data
      return {
        workBranch,
        head,
        pull: { number, nodeId, url, state: 'open', draft: true, mergedAt: null, mergeSha: null },
      }
    },
    async merge(leg) {
      wes.setDraft(API, leg.pull.number, false)
      const mergeSha = HeadSha.parse(await wes.mergePull(API, leg.pull.number, { method: 'squash' }))
      const pull = { ...leg.pull, state: 'merged', draft: false, mergedAt: new Date().toISOString(), mergeSha } as const
      return { ...leg, pull, mergedSha: leg.head, mergeSha }
    },
  }
}
