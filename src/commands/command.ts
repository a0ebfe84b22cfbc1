/** What a person can ask for, by comment or by checkbox: a closed list, one member per verb. */
import { z } from 'zod'
import { UsdLimit } from '../contract/budget.ts'
import { StepId } from '../contract/ids.ts'

/** Longest text that a command carries, in characters; longer than a comment of GitHub can be. */
const TEXT_MAX = 100_000

const Text = z.string().max(TEXT_MAX)

export const Command = z.discriminatedUnion('verb', [
  /** Null: the default pipeline. `args`: of a dynamic workflow, as they were written. */
  z.object({ verb: z.literal('run'), pipeline: z.string().nullable(), args: z.record(z.string(), z.string()).optional() }),
  /** On a pull request, in the pipeline of the verb's name. */
  z.object({ verb: z.literal('review') }),
  z.object({ verb: z.literal('fix') }),
  /** `history`: what has happened to it so far, as well. */
  z.object({ verb: z.literal('status'), history: z.literal(true).optional() }),
  /** Null: the default pipeline. */
  z.object({ verb: z.literal('explain'), pipeline: z.string().nullable() }),
  z.object({ verb: z.literal('cost') }),
  z.object({ verb: z.literal('repos') }),
  /** `hash` names what is approved; null: whatever is asked for now, which the run refuses where it matters. */
  z.object({ verb: z.literal('approve'), hash: z.string().nullable(), text: Text.nullable() }),
  z.object({ verb: z.literal('changes'), text: Text.min(1) }),
  z.object({ verb: z.literal('tell'), text: Text.min(1) }),
  /** `why` is empty where nobody said. */
  z.object({ verb: z.literal('reject'), why: Text }),
  z.object({ verb: z.literal('retry') }),
  z.object({ verb: z.literal('restart'), step: StepId }),
  z.object({ verb: z.literal('stop'), why: Text, clean: z.literal(true).optional() }),
  z.object({ verb: z.literal('pause'), why: Text }),
  /** `edited`: with the scripts of dynamic workflows as they are now. */
  z.object({ verb: z.literal('resume'), edited: z.literal(true).optional() }),
  z.object({ verb: z.literal('skip'), step: StepId, why: Text }),
  /** `id` names a question; null: the only thing that is asked. */
  z.object({ verb: z.literal('answer'), id: z.string().nullable(), text: Text.min(1) }),
  z.object({ verb: z.literal('dismiss'), id: z.string() }),
  /** `id` names something noticed on the way. */
  z.object({ verb: z.literal('file'), id: z.string().max(10) }),
  z.object({ verb: z.literal('model'), role: z.string().max(100), model: z.string().max(200) }),
  z.object({ verb: z.literal('budget'), addUsd: UsdLimit }),
  z.object({ verb: z.literal('revert') }),
  z.object({ verb: z.literal('merge') }),
  z.object({ verb: z.literal('extra-round') }),
  z.object({ verb: z.literal('proceed') }),
  /** Null: all of them. */
  z.object({ verb: z.literal('help'), about: z.string().nullable() }),
])
export type Command = z.infer<typeof Command>
export type Verb = Command['verb']

/** What follows a verb: the words of its line, the line as written, and the lines below it up to the next command. */
export interface Arguments {
  words: readonly string[]
  line: string
  /** The rest of the line and the lines below, trimmed: what a command that takes text takes. */
  text: string
  /** The lines below only, trimmed. */
  below: string
}

/** A command, or what is wrong with what follows the verb: going on from "`/yard restart`", like "needs a step's name". */
export type Reading = { ok: true; command: Command } | { ok: false; problem: string }

/** Who a command is for, by the configuration's section; `everyone` is anybody who can read the repository. */
export type Who = 'everyone' | 'start' | 'approve' | 'merge'

/** A verb: how it is written, what it does, who may use it. One file each, in `verbs/`. */
export interface CommandDefinition {
  verb: Verb
  /** What follows the verb, as shown in help: `<step>` is needed, `[reason]` is not. */
  arguments: string
  /** One sentence for help and docs: what it does. */
  help: string
  who: Who
  /** Apps listed in `bots` may use it too. What decides for people is for people. */
  bots: boolean
  /** Where it has a meaning; elsewhere it is refused. */
  where: 'issue or pull request' | 'pull request'
  read: (rest: Arguments) => Reading
}
