import { z } from 'zod'
import { pipelineOf } from '../../config/labels.ts'
import { common, type Interpreter, Thread, withdrawn } from './payload.ts'

const Labeled = z.object({
  action: z.enum(['labeled', 'unlabeled']),
  issue: Thread,
  label: z.object({ name: z.string() }),
  ...common,
})
const Ended = z.object({ action: z.enum(['closed', 'deleted', 'transferred']), issue: Thread, ...common })

/** `issues`: a start label put on or taken off; an issue that ends. A reopened one does not start again. */
export const interpretIssues: Interpreter = (payload, context) => {
  const labeled = Labeled.safeParse(payload)
  if (labeled.success) {
    const { installation, repository, issue, label, sender } = labeled.data
    const pipeline = pipelineOf(label.name, context.labels)
    if (pipeline === undefined) return []
    if (labeled.data.action === 'unlabeled') {
      return [withdrawn(installation.id, repository.id, issue.number, { label: label.name, pipeline }, sender)]
    }
    return [
      {
        type: 'start',
        installationId: installation.id,
        repository,
        thread: 'issue',
        number: issue.number,
        label: label.name,
        pipeline,
        issue: issue.hint,
        actor: sender,
      },
    ]
  }
  const ended = Ended.safeParse(payload)
  if (!ended.success) return []
  const { installation, repository, issue, sender, action } = ended.data
  return [
    {
      type: 'issue-closed',
      installationId: installation.id,
      repositoryId: repository.id,
      number: issue.number,
      how: action,
      actor: sender,
    },
  ]
}
