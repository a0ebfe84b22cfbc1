/** What a run is about, who asked for it, and where. */
import { z } from 'zod'
import { FullName } from '../contract/ids.ts'

/** A conversation: of an issue or of a pull request. */
const Place = z.object({ repository: FullName, number: z.int().positive() })

/** Where a person gave a trigger, and so where the answer goes. Without `at`: the conversation that the run is about. */
export const Trigger = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('label'), label: z.string() }),
  /** `index` is the command's place in its comment, from 0. */
  z.object({ kind: z.literal('comment'), commentId: z.int().positive(), index: z.int().nonnegative(), at: Place.optional() }),
  z.object({ kind: z.literal('checkbox'), commentId: z.int().positive(), control: z.string() }),
  /** A button of a check run, or its re-run (`rerequested`); `checkRunId` is null where a whole suite was asked for again. */
  z.object({ kind: z.literal('button'), checkRunId: z.int().positive().nullable(), identifier: z.string(), at: Place }),
  /** GitHub itself: an issue was closed, an installation removed. */
  z.object({ kind: z.literal('github'), what: z.string() }),
  z.object({ kind: z.literal('dashboard') }),
  /** The clock: a schedule of the configuration came. */
  z.object({ kind: z.literal('schedule'), name: z.string() }),
])
export type Trigger = z.infer<typeof Trigger>

/** A person (or a listed bot) who did something. Permission was checked before an event with an actor is made. */
export const Actor = z.object({ login: z.string().min(1), id: z.int().positive() })
export type Actor = z.infer<typeof Actor>

/** What the run is about, frozen when it was taken: later edits do not reach an agent. */
export const Task = z.object({
  installationId: z.int().positive(),
  repositoryId: z.int().positive(),
  repository: FullName,
  thread: z.enum(['issue', 'pull']),
  number: z.int().positive(),
  url: z.url(),
  title: z.string().max(1_000),
  body: z.string().max(262_144),
  author: z.string(),
  requestedBy: Actor,
  /** Issues and pull requests that its text mentions, by people who may write where they are; frozen as well (STP-18). */
  linked: z
    .array(z.object({ url: z.url(), title: z.string().max(1_000), body: z.string().max(20_000), by: z.string() }))
    .max(10)
    .default([]),
})
export type Task = z.infer<typeof Task>
