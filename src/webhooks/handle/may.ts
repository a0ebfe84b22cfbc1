/** Whether somebody may do what a command asks for, to the run it is said to: asked of GitHub at this moment (CMD-3). */
import { type Asked, type Authorisation, authorise } from '../../commands/authorise.ts'
import { authoriseElsewhere, repositoriesDecided } from '../../commands/decided-elsewhere.ts'
import type { Configuration } from '../../config/configuration.ts'
import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import type { Run } from '../../pipeline/model.ts'
import type { Person, RepositoryHint } from '../intents.ts'
import { authoriseOwner } from './authorise-owner.ts'
import { currentConfiguration } from './configuration.ts'
import type { Intake } from './intake.ts'
import { askerOf, permissionOf } from './permission.ts'

/** Who asks, where, and under which rules of that repository. */
interface Where {
  octokit: Octokit
  repository: Pick<RepositoryHint, 'id' | 'fullName'>
  actor: Person
  rules: Configuration
}

/**
 * Decides. The rules are those of the repository that the run belongs to, wherever in its change set it is said; a decision
 * for several repositories needs the role in each.
 */
export async function may(intake: Intake, where: Where, asked: Asked, run: Run | null): Promise<Authorisation> {
  const { octokit, repository, actor } = where
  const rules = await rulesOf(intake, where, run)
  const isRequester = run === null ? null : run.task.requestedBy.id === actor.id
  const asker = await askerOf(intake, octokit, repositoryOf(repository.fullName), actor, isRequester, { asked, rules })
  const here = authorise(asked, asker, rules)
  if (!here.allowed || asker.isBot) return here
  const others = repositoriesDecided(asked, run).filter((name) => name.toLowerCase() !== repository.fullName.toLowerCase())
  const roles = await Promise.all(
    others.map(async (name) => ({
      repository: name,
      permission: await permissionOf(intake.log, octokit, repositoryOf(name), actor),
    })),
  )
  const permissions = asked !== 'label' && asked.who === 'merge' ? rules.merge.permissions : rules.approve.permissions
  const everywhere = authoriseElsewhere(permissions, roles)
  if (!everywhere.allowed || run === null) return everywhere
  const owns = asked !== 'label' && asked.verb === 'approve' && rules.approve.codeOwners
  return owns ? authoriseOwner(intake.log, octokit, actor, run) : { allowed: true }
}

/** What is said on the pull request of another repository is no way around the rules of the run's own. */
async function rulesOf({ store }: Intake, { octokit, repository, rules }: Where, run: Run | null): Promise<Configuration> {
  if (run === null || run.task.repositoryId === repository.id) return rules
  const own = { id: run.task.repositoryId, fullName: run.task.repository }
  return (await currentConfiguration(store, octokit, own)).configuration
}
