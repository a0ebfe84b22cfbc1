import { ask, askOrNull } from './errors.ts'
import { fullNameOf, type Octokit, PAGE_SIZE, type Repository } from './octokit.ts'

/** The reactions that answer a trigger: seen, done, refused. */
export type Reaction = 'eyes' | 'rocket' | 'confused'

/** What a reaction is put on. */
export type Reacted = { kind: 'issue'; number: number } | { kind: 'comment'; commentId: number }

/**
 * Puts a reaction on an issue, pull request or comment; one that is there already stays as it is (GitHub answers 200).
 * False where the comment is gone.
 *
 * @see https://docs.github.com/en/rest/reactions/reactions
 */
export async function react(octokit: Octokit, repository: Repository, on: Reacted, content: Reaction): Promise<boolean> {
  const answer = await askOrNull(`react in ${fullNameOf(repository)}`, () =>
    on.kind === 'issue'
      ? octokit.rest.reactions.createForIssue({ ...repository, issue_number: on.number, content })
      : octokit.rest.reactions.createForIssueComment({ ...repository, comment_id: on.commentId, content }),
  )
  return answer !== null
}

/** Takes the App's own reaction of this kind away again; nothing where there is none. */
export async function unreact(
  octokit: Octokit,
  repository: Repository,
  on: Reacted,
  content: Reaction,
  botId: number,
): Promise<void> {
  await ask(`take a reaction back in ${fullNameOf(repository)}`, async () => {
    const query = { ...repository, content, per_page: PAGE_SIZE }
    const all =
      on.kind === 'issue'
        ? await octokit.paginate(octokit.rest.reactions.listForIssue, { ...query, issue_number: on.number })
        : await octokit.paginate(octokit.rest.reactions.listForIssueComment, { ...query, comment_id: on.commentId })
    const own = all.filter((each) => each.user?.id === botId)
    for (const { id } of own) {
      if (on.kind === 'issue') {
        await octokit.rest.reactions.deleteForIssue({ ...repository, issue_number: on.number, reaction_id: id })
      } else {
        await octokit.rest.reactions.deleteForIssueComment({ ...repository, comment_id: on.commentId, reaction_id: id })
      }
    }
  })
}
