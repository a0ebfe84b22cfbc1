import { z } from 'zod'
import { BUILT_IN_CONFIGURATION } from '../../config/defaults.ts'
import type { StartLabels } from '../../config/labels.ts'
import type { Delivery } from '../../store/deliveries.ts'
import { Installation, Repository } from '../interpret/payload.ts'
import { currentConfiguration } from './configuration.ts'
import { isOutOfReach } from './hints.ts'
import type { Intake } from './intake.ts'

const Labelled = z.object({
  action: z.enum(['labeled', 'unlabeled']),
  installation: Installation,
  repository: Repository,
})

/**
 * The labels that start runs where a delivery came from: what it means depends on them, and interpreting asks nobody. They
 * are read only for a delivery about a label.
 *
 * @throws GitHubError where GitHub cannot say now
 */
export async function startLabelsFor({ store, github }: Intake, { payload }: Pick<Delivery, 'payload'>): Promise<StartLabels> {
  const labelled = Labelled.safeParse(payload)
  if (!labelled.success) return BUILT_IN_CONFIGURATION.labels
  const { installation, repository } = labelled.data
  try {
    const octokit = await github.installation(installation.id)
    return (await currentConfiguration(store, octokit, repository)).configuration.labels
  } catch (error) {
    // Nothing that the label could mean can be done there.
    if (isOutOfReach(error)) return BUILT_IN_CONFIGURATION.labels
    throw error
  }
}
