/** The parts that many payloads share, with only the fields that are used. */
import { z } from 'zod'
import type { StartLabels } from '../../config/labels.ts'
import type { Intent, Person, RepositoryHint, StartWithdrawnIntent, ThreadHint } from '../intents.ts'

/** What an interpreter knows besides the payload. */
export interface InterpretContext {
  appId: number
  /** Of the delivery's repository: which labels start a run. */
  labels: StartLabels
}

/** Turns one event's payload into what it means; nothing for what is unknown or incomplete. Never throws. */
export type Interpreter = (payload: unknown, context: InterpretContext) => Intent[]

export const Sender = z.object({
  login: z.string().min(1),
  id: z.int().positive(),
  type: z.enum(['User', 'Bot', 'Organization', 'Mannequin']),
}) satisfies z.ZodType<Person>

export const Installation = z.object({ id: z.int().positive() })

export const Repository = z
  .object({
    id: z.int().positive(),
    full_name: z.string(),
    default_branch: z.string(),
    clone_url: z.string().optional(),
  })
  .transform(
    (repository): RepositoryHint => ({
      id: repository.id,
      fullName: repository.full_name,
      defaultBranch: repository.default_branch,
      cloneUrl: repository.clone_url ?? null,
    }),
  )

/** The fields of every delivery that concerns a repository the App is installed on. */
export const common = { installation: Installation, repository: Repository, sender: Sender }

/** An issue or a pull request as the thread that it is. */
export const Thread = z
  .object({
    number: z.int().positive(),
    title: z.string(),
    body: z.string().nullish(),
    html_url: z.string(),
    state: z.enum(['open', 'closed']),
    user: z.object({ login: z.string() }).nullish(),
    pull_request: z.object({}).optional(),
  })
  .transform((thread) => ({
    number: thread.number,
    kind: thread.pull_request === undefined ? ('issue' as const) : ('pull' as const),
    hint: {
      title: thread.title,
      body: thread.body ?? '',
      url: thread.html_url,
      author: thread.user?.login ?? 'ghost',
      state: thread.state,
    } satisfies ThreadHint,
  }))

/** The intent for a start label that was taken off. */
export function withdrawn(
  installationId: number,
  repositoryId: number,
  number: number,
  label: Pick<StartWithdrawnIntent, 'label' | 'pipeline'>,
  actor: Person,
): StartWithdrawnIntent {
  return { type: 'start-withdrawn', installationId, repositoryId, number, ...label, actor }
}
