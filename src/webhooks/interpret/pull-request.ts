import { z } from 'zod'
import { pipelineOf } from '../../config/labels.ts'
import { HeadSha } from '../../contract/ids.ts'
import type { Person, PullChangedIntent } from '../intents.ts'
import { common, type Interpreter, Thread, withdrawn } from './payload.ts'

/** The same in `pull_request` and `pull_request_review`, where `merged` is missing. */
export const Pull = z.object({
  number: z.int().positive(),
  node_id: z.string(),
  html_url: z.string(),
  state: z.enum(['open', 'closed']),
  draft: z.boolean().default(false),
  merged_at: z.string().nullish(),
  merge_commit_sha: z.string().nullish(),
  head: z.object({ ref: z.string(), sha: HeadSha }),
})

const Changed = z.object({
  action: z.enum([
    'opened',
    'closed',
    'reopened',
    'synchronize',
    'edited',
    'ready_for_review',
    'converted_to_draft',
    'enqueued',
    'dequeued',
    'auto_merge_enabled',
    'auto_merge_disabled',
  ]),
  pull_request: Pull,
  ...common,
})

const Labeled = z.object({
  action: z.enum(['labeled', 'unlabeled']),
  pull_request: Thread,
  label: z.object({ name: z.string() }),
  ...common,
})

/** `pull_request`: its state, head or base changed; or a start label was put on or taken off. */
export const interpretPullRequest: Interpreter = (payload, context) => {
  const labeled = Labeled.safeParse(payload)
  if (labeled.success) {
    const { installation, repository, pull_request, label, sender } = labeled.data
    const pipeline = pipelineOf(label.name, context.labels)
    if (pipeline === undefined) return []
    if (labeled.data.action === 'unlabeled') {
      return [withdrawn(installation.id, repository.id, pull_request.number, { label: label.name, pipeline }, sender)]
    }
    return [
      {
        type: 'start',
        installationId: installation.id,
        repository,
        thread: 'pull',
        number: pull_request.number,
        label: label.name,
        pipeline,
        issue: pull_request.hint,
        actor: sender,
      },
    ]
  }
  const changed = Changed.safeParse(payload)
  if (!changed.success) return []
  const { installation, repository, pull_request, sender } = changed.data
  return [pullChanged(installation.id, repository.id, pull_request, sender)]
}

/** The intent for a pull request that may look different now. */
export function pullChanged(
  installationId: number,
  repositoryId: number,
  pull: z.infer<typeof Pull>,
  by: Person,
): PullChangedIntent {
  const mergedAt = pull.merged_at ?? null
  const mergeSha = HeadSha.safeParse(pull.merge_commit_sha)
  return {
    type: 'pull-changed',
    installationId,
    repositoryId,
    number: pull.number,
    state: mergedAt === null ? pull.state : 'merged',
    head: pull.head.sha,
    branch: pull.head.ref,
    draft: pull.draft,
    merged: mergedAt !== null,
    mergedAt,
    // Before the merge this field names a test merge.
    mergeSha: mergedAt !== null && mergeSha.success ? mergeSha.data : null,
    nodeId: pull.node_id,
    url: pull.html_url,
    by,
  }
}
