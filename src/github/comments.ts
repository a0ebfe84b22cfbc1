import { ask, askOrNull } from './errors.ts'
import { fullNameOf, type Octokit, PAGE_SIZE, type Repository } from './octokit.ts'

/** Longest body that GitHub takes for a comment, issue or pull request, in characters. */
export const BODY_MAX = 65_536

/** A comment in the conversation of an issue or pull request. */
export interface Comment {
  id: number
  body: string
  url: string
  /** The author's account id; null when the account is gone. */
  authorId: number | null
  /** ISO 8601 */
  createdAt: string
}

interface CommentAnswer {
  id: number
  body?: string | undefined
  html_url: string
  created_at: string
  user: { id: number } | null
}

function commentOf(data: CommentAnswer): Comment {
  return { id: data.id, body: data.body ?? '', url: data.html_url, authorId: data.user?.id ?? null, createdAt: data.created_at }
}

/**
 * The oldest comment by this account whose body has the hidden marker; null where there is none. Somebody else's comment
 * with a copied marker is not it.
 */
export async function findMarked(
  octokit: Octokit,
  repository: Repository,
  number: number,
  wanted: { marker: string; authorId: number },
): Promise<Comment | null> {
  const pages = octokit.paginate.iterator(octokit.rest.issues.listComments, {
    ...repository,
    issue_number: number,
    per_page: PAGE_SIZE,
  })
  return ask(`list the comments of ${fullNameOf(repository)}#${number}`, async () => {
    for await (const { data } of pages) {
      const found = data.find((each) => each.user?.id === wanted.authorId && (each.body ?? '').includes(wanted.marker))
      if (found !== undefined) return commentOf(found)
    }
    return null
  })
}

/** Every comment of the conversation, oldest first. */
export async function listComments(octokit: Octokit, repository: Repository, number: number): Promise<Comment[]> {
  return ask(`list the comments of ${fullNameOf(repository)}#${number}`, async () => {
    const all = await octokit.paginate(octokit.rest.issues.listComments, {
      ...repository,
      issue_number: number,
      per_page: PAGE_SIZE,
    })
    return all.map(commentOf)
  })
}

/** Reads a comment; null where it was deleted. */
export async function getComment(octokit: Octokit, repository: Repository, id: number): Promise<Comment | null> {
  return askOrNull(`read comment ${id} of ${fullNameOf(repository)}`, async () => {
    const { data } = await octokit.rest.issues.getComment({ ...repository, comment_id: id })
    return commentOf(data)
  })
}

/** Posts a comment. Look with {@link findMarked} first: this one does not. */
export async function createComment(octokit: Octokit, repository: Repository, number: number, body: string): Promise<Comment> {
  return ask(`comment on ${fullNameOf(repository)}#${number}`, async () => {
    const { data } = await octokit.rest.issues.createComment({ ...repository, issue_number: number, body })
    return commentOf(data)
  })
}

/** Replaces a comment's body; null where the comment was deleted. */
export async function updateComment(
  octokit: Octokit,
  repository: Repository,
  id: number,
  body: string,
): Promise<Comment | null> {
  return askOrNull(`edit comment ${id} of ${fullNameOf(repository)}`, async () => {
    const { data } = await octokit.rest.issues.updateComment({ ...repository, comment_id: id, body })
    return commentOf(data)
  })
}
