/** One showing of the demo per pipeline: what it starts with, what people do in it, and what it promises. */
import type { Run, Wait } from '../../src/pipeline/model.ts'
import type { AgentScriptInput } from '../agents/agent-script.ts'
import type { LocalGitHub } from '../github/local-github.ts'
import type { NewRepository } from '../github/state/repositories.ts'
import type { Evidence } from './evidence.ts'
import type { Line } from './screen.ts'
import type { Claim } from './verify.ts'

export const SCENARIO_NAMES = ['default', 'bugfix', 'unattended'] as const
export type ScenarioName = (typeof SCENARIO_NAMES)[number]

/** The run at this moment, and where it can be seen. */
export interface Scene {
  github: LocalGitHub
  issue: { repository: string; number: number }
  /** Switchyard's own account there. */
  botId: number
  run: Run
}

/** What people do once, as lines of the story; null while it is not yet time for it. */
export type Act = (scene: Scene) => Promise<Omit<Line, 'at'>[] | null>

export interface Scenario {
  name: ScenarioName
  /** What it shows, in one sentence. */
  headline: string
  /** What the scripted agent does on purpose that is not right, or nothing. */
  mistake: string
  repositories: readonly NewRepository[]
  script: AgentScriptInput
  /** Makes ready what an account's owner would click; after the repositories are there. */
  prepare?(github: LocalGitHub): void
  /** Who opens the issue, where, and the label that starts the run. */
  issue: { repository: string; title: string; body: string }
  label: string
  /** What the run may wait for from a person; an act answers each. */
  answers: readonly Extract<Wait, { for: 'person' }>['what'][]
  /** In the order in which they are looked at; each is done once. */
  acts: readonly Act[]
  /** Held against GitHub, git and the store at the end. */
  claims(shown: { github: LocalGitHub; run: Run | null; evidence: Evidence }): Promise<Claim[]>
}
