/** Every attack, by topic. A new one: a record in its topic; a new topic: a file, and a line here. */
import type { Topic } from '../attack.ts'
import { approvals } from './approvals.ts'
import { dashboard } from './dashboard.ts'
import { git } from './git.ts'
import { hiddenText } from './hidden-text.ts'
import { internalApi } from './internal-api.ts'
import { jobs } from './jobs.ts'
import { limits } from './limits.ts'
import { models } from './models.ts'
import { network } from './network.ts'
import { outgoing } from './outgoing.ts'
import { people } from './people.ts'
import { postedText } from './posted-text.ts'
import { reports } from './reports.ts'
import { repositories } from './repositories.ts'
import { sandbox } from './sandbox.ts'
import { webhooks } from './webhooks.ts'

export const TOPICS: readonly Topic[] = [
  webhooks,
  people,
  approvals,
  hiddenText,
  postedText,
  reports,
  repositories,
  jobs,
  git,
  outgoing,
  sandbox,
  limits,
  network,
  models,
  internalApi,
  dashboard,
]
