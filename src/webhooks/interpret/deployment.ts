import { z } from 'zod'
import { HeadSha } from '../../contract/ids.ts'
import { common, type Interpreter } from './payload.ts'

const Deployed = z.object({ action: z.literal('created'), deployment: z.object({ sha: HeadSha }), ...common })

/** `deployment` and `deployment_status`: one was asked for, or it went on. A hint like those about checks. */
export const interpretDeployment: Interpreter = (payload) => {
  const parsed = Deployed.safeParse(payload)
  if (!parsed.success) return []
  const { installation, repository, deployment } = parsed.data
  return [{ type: 'deployments-changed', installationId: installation.id, repositoryId: repository.id, sha: deployment.sha }]
}
