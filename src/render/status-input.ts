import type { JobProgress } from '../contract/progress.ts'
import type { Instant, Run } from '../pipeline/model.ts'
import type { CallShown, KeptShown } from './workflow-section.ts'

/** What the status comment is drawn from. */
export interface StatusInput {
  run: Run
  /** `place` counts from 1; `estimateMs` is null where nothing is known to go by. */
  queue: { place: number; estimateMs: number | null } | null
  progress: JobProgress | null
  now: Instant
  /** The web address of GitHub, without a slash at its end. */
  serverUrl: string
  /** This run's page on the dashboard. */
  dashboardUrl: string | null
  /** Where the questions comment is, once there is one. */
  questionsUrl?: string | null
  /** Where all of it stands, by the step whose plan or document is too long for the comment. */
  wholeUrls?: Readonly<Record<string, string>>
  /** The calls of its newest dynamic workflow, in the order in which they were made. */
  calls?: readonly CallShown[]
  /** Branches that calls of its workflows left, and that are not collected. */
  kept?: readonly KeptShown[]
  /** Its calls are paid from its budget: they have prices, and went through the model gateway. */
  metered?: boolean
  /** Until when GitHub's rate limit keeps the run from asking and writing; what is shown on GitHub itself can never say it. */
  blockedUntil?: Instant | null
}
