import { actionRoutes } from './actions.ts'
import { appRoutes } from './apps.ts'
import { checkRoutes } from './checks.ts'
import { commentRoutes } from './comments.ts'
import { deploymentRoutes } from './deployments.ts'
import { gitRoutes } from './git-data.ts'
import { issueRoutes } from './issues.ts'
import { pullRoutes } from './pulls.ts'
import type { Route } from './registry.ts'
import { repositoryRoutes } from './repositories.ts'
import { reviewRoutes } from './reviews.ts'
import { ruleRoutes } from './rules.ts'
import { teamRoutes } from './teams.ts'
import { userRoutes } from './users.ts'

/** Every REST operation the local GitHub serves. */
export const routes: Route[] = [
  ...appRoutes,
  ...repositoryRoutes,
  ...gitRoutes,
  ...issueRoutes,
  ...commentRoutes,
  ...pullRoutes,
  ...reviewRoutes,
  ...checkRoutes,
  ...ruleRoutes,
  ...deploymentRoutes,
  ...actionRoutes,
  ...teamRoutes,
  ...userRoutes,
]
