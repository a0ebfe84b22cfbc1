/**
 * What the scripted agent does, as a JSON file. It keeps no memory between two processes: what it does follows from its
 * job alone (role, prompt, files), so that a job that is repeated after a crash does the same again.
 */
import { z } from 'zod'
import { AgentEventSchema } from '../../runner/agents/event-schema.ts'

const texts = z.union([z.string(), z.array(z.string())]).transform((value) => (typeof value === 'string' ? [value] : value))

/** All that is given must hold. */
const When = z.strictObject({
  role: z.string().optional(),
  mode: z.enum(['explore', 'code']).optional(),
  /** Each of these texts is in the prompt. */
  promptIncludes: texts.optional(),
  /** None of these texts is in the prompt. */
  promptLacks: texts.optional(),
  /** A path as in actions. */
  fileExists: z.string().optional(),
  fileLacks: z.string().optional(),
  resumed: z.boolean().optional(),
})
export type When = z.infer<typeof When>

/** A folder below the work folder, such as a leg's; paths of the action are relative to it. */
const where = { in: z.string().optional() }

const Action = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('write'), ...where, path: z.string(), content: z.string() }),
  /** Nothing is done where the file ends with the content already. */
  z.strictObject({ do: z.literal('append'), ...where, path: z.string(), content: z.string() }),
  /** Nothing is done where `to` is there and `from` is not; an error where neither is. */
  z.strictObject({ do: z.literal('replace'), ...where, path: z.string(), from: z.string().min(1), to: z.string() }),
  z.strictObject({ do: z.literal('delete'), ...where, path: z.string() }),
  /** A program without a shell. When it fails the agent fails, unless `mayFail`. */
  z.strictObject({ do: z.literal('run'), ...where, argv: z.array(z.string()).min(1), mayFail: z.boolean().default(false) }),
  /** Commits everything in the folder; nothing is done where nothing changed. */
  z.strictObject({ do: z.literal('commit'), ...where, message: z.string() }),
  /**
   * Merges the base branch into every repository's work. What conflicts is left as it was in the work (`ours`), or
   * committed with its markers.
   */
  z.strictObject({ do: z.literal('merge-base'), conflicts: z.enum(['ours', 'markers']) }),
  z.strictObject({ do: z.literal('emit'), event: AgentEventSchema }),
  /** Prints a line as it is. */
  z.strictObject({ do: z.literal('print'), line: z.string() }),
  z.strictObject({ do: z.literal('wait-for'), ...where, file: z.string() }),
  /** Ends as from `kill -9`. */
  z.strictObject({ do: z.literal('crash') }),
  z.strictObject({ do: z.literal('hang'), ignoreTerm: z.boolean().default(false) }),
  z.strictObject({ do: z.literal('exit'), code: z.int().min(0).max(255) }),
  /** A process of a session of its own that outlives the agent; its id goes to `pidFile`. */
  z.strictObject({ do: z.literal('orphan'), ...where, pidFile: z.string() }),
  /** The report; the nonce is the job's unless the report has one. */
  z.strictObject({ do: z.literal('report'), report: z.record(z.string(), z.unknown()) }),
  /** The report of a responder: this said, and this outcome, to every conversation that the prompt shows. */
  z.strictObject({
    do: z.literal('answer-conversations'),
    outcome: z.enum(['changed', 'rebutted', 'answered']),
    reply: z.string(),
    summary: z.string(),
  }),
  z.strictObject({ do: z.literal('malformed-report'), content: z.string().default('{"status": "succ') }),
  /** Says that there is no report on purpose. */
  z.strictObject({ do: z.literal('no-report') }),
])
export type Action = z.infer<typeof Action>

/** The first call whose `when` holds is done. */
export const AgentScript = z.strictObject({
  calls: z.array(z.strictObject({ when: When.default({}), actions: z.array(Action) })).min(1),
})
/** What one writes: defaults may be left out. */
export type AgentScriptInput = z.input<typeof AgentScript>
export type AgentScript = z.infer<typeof AgentScript>
