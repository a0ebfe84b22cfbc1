/** Deliveries about where the App is installed, and about repositories themselves. GitHub is asked how it is now (ING-5, ING-9). */
import { SwitchyardError } from '../../contract/failure.ts'
import { installationById } from '../../github/repositories.ts'
import type { Run } from '../../pipeline/model.ts'
import { getRun, liveRuns } from '../../store/runs.ts'
import { removeSchedules } from '../../store/schedules.ts'
import type { InstallationChangedIntent, RepositoryChangedIntent } from '../intents.ts'
import { NOBODY, reconcileInstallation } from '../reconcile/installation.ts'
import { followRepository, reach } from '../reconcile/repository.ts'
import { learnSchedules } from '../schedules/keep.ts'
import { isOutOfReach } from './hints.ts'
import { eventKey, type Intake, type Source } from './intake.ts'

/** The App was suspended, let go on, uninstalled, or given other repositories: its live runs and schedules follow. */
export async function handleInstallationChanged(
  intake: Intake,
  { installationId, what, repositories, actor }: InstallationChangedIntent,
  source: Source,
): Promise<void> {
  if (what === 'created' || what === 'repositories-added') {
    return learnAll(intake, installationId, repositories)
  }
  if (what === 'repositories-removed') {
    for (const { id } of repositories) await removeSchedules(intake.store.db, id)
    for (const { id } of repositories) await follow(intake, { repositoryId: id, gone: true }, null, source)
    return
  }
  if (what !== 'deleted' && what !== 'suspended' && what !== 'unsuspended') return
  const standing = await installationById(intake.github.app, installationId)
  const key = (_run: Run, part: string) => eventKey(source, part)
  await reconcileInstallation(intake, installationId, standing, { key, actor: { login: actor.login, id: actor.id } })
}

/** What the configurations schedule is known as soon as the App may read them; gone again meanwhile, nothing is. */
async function learnAll(
  intake: Intake,
  installationId: number,
  repositories: InstallationChangedIntent['repositories'],
): Promise<void> {
  try {
    const octokit = await intake.github.installation(installationId)
    for (const repository of repositories) await learnSchedules(intake, octokit, { installationId, repository })
  } catch (error) {
    if (!isOutOfReach(error)) throw error
  }
}

/** A repository has another name, owner or default branch: its live runs follow. */
export function handleRepositoryChanged(intake: Intake, intent: RepositoryChangedIntent, source: Source): Promise<void> {
  return follow(intake, intent, intent.installationId, source)
}

/** `via`: an installation that is likely to reach it; else each run's own. */
async function follow(
  intake: Intake,
  { repositoryId, gone }: Pick<RepositoryChangedIntent, 'repositoryId' | 'gone'>,
  via: number | null,
  source: Source,
): Promise<void> {
  const { store, github } = intake
  for (const { id } of await liveRuns(store.db, { repositoryId })) {
    const run = await getRun(store.db, id)
    const leg = run?.legs.find((each) => each.repositoryId === repositoryId)
    if (run === null || leg === undefined) continue
    const octokit = await github.installation(via ?? run.task.installationId)
    const reached = await reach(intake, octokit, leg)
    // Where nobody said that it is gone, an answer that it is not there only lags behind: it is asked for again.
    if (reached === null && !gone) {
      throw new SwitchyardError({ cause: 'api', message: `GitHub does not know ${leg.repository} by its new name yet` })
    }
    const key = (_run: Run, part: string) => eventKey(source, part)
    await followRepository(intake, run, leg, reached, { key, actor: NOBODY, sure: () => true })
  }
}
