import { z } from 'zod'
import { common, type Interpreter, Sender, Thread } from './payload.ts'

const Comment = z.object({ id: z.int().positive(), body: z.string().nullish(), user: Sender })
const Changes = z.object({ body: z.object({ from: z.string() }).optional() })

const Written = z.discriminatedUnion('action', [
  z.object({ action: z.literal('created'), issue: Thread, comment: Comment, ...common }),
  z.object({ action: z.literal('edited'), issue: Thread, comment: Comment, changes: Changes, ...common }),
])

/** `issue_comment`, on issues and pull requests alike: written or edited. Deleting takes nothing back. */
export const interpretIssueComment: Interpreter = (payload) => {
  const written = Written.safeParse(payload)
  if (!written.success) return []
  const { installation, repository, issue, comment, sender } = written.data
  const bodyBefore = written.data.action === 'edited' ? written.data.changes.body?.from : null
  // An edit that left the body as it was says nothing.
  if (bodyBefore === undefined) return []
  return [
    {
      type: 'comment',
      installationId: installation.id,
      repository,
      thread: issue.kind,
      number: issue.number,
      commentId: comment.id,
      body: comment.body ?? '',
      bodyBefore,
      author: comment.user,
      actor: sender,
      issue: issue.hint,
    },
  ]
}
