/**
 * Everything by which a head's checks change. All of it is a hint: what counts is asked of GitHub, once, after a pause.
 */
import { z } from 'zod'
import { HeadSha } from '../../contract/ids.ts'
import type { Intent, OwnCheckHint } from '../intents.ts'
import { common, type Interpreter } from './payload.ts'

const app = z.object({ id: z.int() }).nullish()

const CheckRun = z.object({
  action: z.enum(['created', 'completed', 'rerequested', 'requested_action']),
  check_run: z.object({ id: z.int().positive().optional(), head_sha: HeadSha, external_id: z.string().nullish(), app }),
  requested_action: z.object({ identifier: z.string() }).nullish(),
  ...common,
})

const CheckSuite = z.object({
  action: z.enum(['completed', 'rerequested']),
  check_suite: z.object({ head_sha: HeadSha, app }),
  ...common,
})

const Status = z.object({ sha: HeadSha, ...common })

const WorkflowRun = z.object({ action: z.literal('completed'), workflow_run: z.object({ head_sha: HeadSha }), ...common })

type Common = z.infer<z.ZodObject<typeof common>>

function changed({ installation, repository }: Common, head: HeadSha): Intent[] {
  return [{ type: 'checks-changed', installationId: installation.id, repositoryId: repository.id, head }]
}

function rerequested({ installation, repository, sender }: Common, head: HeadSha, check: OwnCheckHint | null): Intent[] {
  return [{ type: 'check-rerequested', installationId: installation.id, repository, head, check, actor: sender }]
}

/** `check_run`: of others, a hint; of our own, only the wish to run it again, and its buttons. */
export const interpretCheckRun: Interpreter = (payload, context) => {
  const parsed = CheckRun.safeParse(payload)
  if (!parsed.success) return []
  const { action, check_run, requested_action, installation, repository, sender } = parsed.data
  const head = check_run.head_sha
  if (check_run.app?.id !== context.appId) return changed(parsed.data, head)
  if (check_run.id === undefined) return []
  const check = { id: check_run.id, externalId: check_run.external_id ?? '' }
  if (action === 'rerequested') return rerequested(parsed.data, head, check)
  if (action !== 'requested_action' || requested_action === null || requested_action === undefined) return []
  const { identifier } = requested_action
  return [{ type: 'check-button', installationId: installation.id, repository, head, check, identifier, actor: sender }]
}

/** `check_suite`: of others, a hint; of our own, only the wish to run all of it again. */
export const interpretCheckSuite: Interpreter = (payload, context) => {
  const parsed = CheckSuite.safeParse(payload)
  if (!parsed.success) return []
  const { action, check_suite } = parsed.data
  if (check_suite.app?.id !== context.appId) return changed(parsed.data, check_suite.head_sha)
  return action === 'rerequested' ? rerequested(parsed.data, check_suite.head_sha, null) : []
}

/** `status`: a commit status. */
export const interpretStatus: Interpreter = (payload) => {
  const parsed = Status.safeParse(payload)
  return parsed.success ? changed(parsed.data, parsed.data.sha) : []
}

/** `workflow_run`: the last word of a workflow may come after its check suite said "completed". */
export const interpretWorkflowRun: Interpreter = (payload) => {
  const parsed = WorkflowRun.safeParse(payload)
  return parsed.success ? changed(parsed.data, parsed.data.workflow_run.head_sha) : []
}
