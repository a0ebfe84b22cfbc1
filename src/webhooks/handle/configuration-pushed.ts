import { CONFIGURATION_PATH } from '../../config/defaults.ts'
import type { BrokenSource } from '../../config/load.ts'
import type { PermittedModels } from '../../config/model-faults.ts'
import { parseConfiguration } from '../../config/parse.ts'
import { putCheck } from '../../github/checks.ts'
import { readFile } from '../../github/contents.ts'
import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import { CONFIGURATION_CHECK, configurationCheck } from '../../render/configuration-check.ts'
import type { ConfigurationPushedIntent } from '../intents.ts'
import { learnSchedules } from '../schedules/keep.ts'
import type { Intake } from './intake.ts'
import { readRoleTexts } from './role-files.ts'
import { readWorkflows } from './workflow-files.ts'

/** Names the check run among those of its commit: said again by a redelivery, it is found. */
const EXTERNAL_ID = 'configuration'

/**
 * A push to the default branch touched the configuration: the commit gets a check run that says whether it is good
 * (CFG-2), in one write. What is pushed is judged, not what the branch has meanwhile. The last good configuration is
 * remembered beside it, for the time in which the file is broken, and its schedules are kept.
 */
export async function handleConfigurationPushed(intake: Intake, intent: ConfigurationPushedIntent): Promise<void> {
  const { github, identity, redactor } = intake
  const octokit = await github.installation(intent.installationId)
  await learnSchedules(intake, octokit, intent)
  const { conclusion, title, summary, annotations } = configurationCheck(
    await brokenAt(octokit, intent, intake.deployment.models),
  )
  await putCheck(octokit, repositoryOf(intent.repository.fullName), identity.appId, {
    name: CONFIGURATION_CHECK,
    head: intent.head,
    externalId: EXTERNAL_ID,
    state: { status: 'completed', conclusion },
    title: redactor.redact(title),
    summary: redactor.redact(summary),
    annotations: annotations.map((annotation) => ({ ...annotation, message: redactor.redact(annotation.message) })),
  })
}

async function brokenAt(
  octokit: Octokit,
  { repository: { fullName }, head }: ConfigurationPushedIntent,
  permitted: PermittedModels,
): Promise<BrokenSource[]> {
  const repository = repositoryOf(fullName)
  const [file, texts, workflows] = await Promise.all([
    readFile(octokit, repository, CONFIGURATION_PATH, head),
    readRoleTexts(octokit, repository, head),
    readWorkflows(octokit, repository, head),
  ])
  const parsed = file === null ? null : parseConfiguration(file.source, permitted)
  const own: BrokenSource[] =
    file === null || parsed === null || parsed.ok
      ? []
      : [{ repository: fullName, path: CONFIGURATION_PATH, sha: file.sha, errors: parsed.errors }]
  return [...own, ...(texts.ok ? [] : texts.broken), ...workflows.broken]
}
