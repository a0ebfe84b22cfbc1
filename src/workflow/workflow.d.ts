/**
 * What Switchyard hands to a workflow's script: for editors, and for `tsc --checkJs`. How scripts are written is told in
 * docs/workflows.md. Nothing of this is there to be imported when a script runs; it is used in comments only:
 *
 *     /** @param {import('switchyard/workflow').Workflow<typeof meta>} workflow *\/
 */

/** A value that JSON can carry. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

type TypeName = 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object' | 'null'

/** The JSON Schema that a result can be asked to meet. */
export interface JsonSchema {
  readonly type?: TypeName | readonly TypeName[]
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly properties?: { readonly [name: string]: JsonSchema }
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: JsonSchema
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
}

/** The type of the values that meet a schema, as far as it is written as a literal; else any JSON. */
export type FromSchema<S> = S extends { readonly const: infer C }
  ? C
  : S extends { readonly enum: readonly (infer E)[] }
    ? E
    : S extends { readonly anyOf: readonly (infer A)[] }
      ? FromSchema<A>
      : S extends { readonly type: 'string' }
        ? string
        : S extends { readonly type: 'number' | 'integer' }
          ? number
          : S extends { readonly type: 'boolean' }
            ? boolean
            : S extends { readonly type: 'null' }
              ? null
              : S extends { readonly type: 'array'; readonly items: infer I }
                ? FromSchema<I>[]
                : S extends { readonly type: 'object'; readonly properties: infer P }
                  ? Flat<
                      { [K in Present<S, P>]: FromSchema<P[K]> } & { [K in Exclude<keyof P, Present<S, P>>]?: FromSchema<P[K]> }
                    >
                  : Json

type Flat<T> = { [K in keyof T]: T[K] }

/** The properties that are always there: required ones, and those with a default. */
type Present<S, P> =
  | (S extends { readonly required: readonly (infer R)[] } ? Extract<R, keyof P> : never)
  | { [K in keyof P]: P[K] extends { readonly default: unknown } ? K : never }[keyof P]

/** `export const meta`: only literals, since it is read without running the script. */
export interface WorkflowMeta {
  /** As the file is called, without `.js`. */
  readonly name: string
  readonly description: string
  readonly phases?: readonly { readonly title: string; readonly detail?: string }[]
  readonly arguments?: JsonSchema
}

interface CallOptions {
  /** What the status comment calls it. Left out: the prompt's beginning. */
  readonly label?: string
  /** The phase it is shown in. Left out: the title given to `phase()` last. */
  readonly phase?: string
}

export interface AgentOptions extends CallOptions {
  /** Left out: chosen by the mode. */
  readonly role?: string
  /** `explore` reads, `code` edits. Left out: `code` with `isolation`, else `explore`. */
  readonly mode?: 'explore' | 'code'
  /** What the result must look like. Left out: the result is what the role reports, for most the summary as text. */
  readonly schema?: JsonSchema
  readonly model?: string
  /** A worktree of its own, kept as a branch when something changed; `collect()` brings the branches together. */
  readonly isolation?: 'worktree'
  /** `owner/name` of those of the run's repositories that the agent sees. Left out: all. */
  readonly repositories?: readonly string[]
  /** How long it may take, in ms. Left out: as long as the role may. */
  readonly timeoutMs?: number
}

/** Money of the run, in USD. Without a limit, `total` and `remaining` are `Infinity`. */
export interface Budget {
  readonly total: number
  readonly spent: number
  readonly remaining: number
}

export interface Collected {
  /** So many branches are in. */
  merged: number
  /** The labels of the calls whose branches are not: nobody could resolve what they conflict with. */
  left: string[]
}

/** What a workflow's default function is called with. */
export interface Workflow<Meta = { arguments: JsonSchema }> {
  /** The arguments, checked, with their defaults. */
  readonly args: Meta extends { readonly arguments: infer A } ? FromSchema<A> : { [name: string]: never }
  readonly budget: Budget

  /** Lets an agent work. `null`: it could not do it, and the log says why. */
  agent<const S extends JsonSchema>(
    prompt: string,
    options: AgentOptions & { readonly schema: S },
  ): Promise<FromSchema<S> | null>
  agent(prompt: string, options?: AgentOptions & { readonly schema?: never }): Promise<Json>

  /** Starts them all and waits for all. Results are in the order of the functions; one that throws gives `null`. */
  parallel<T>(thunks: readonly (() => T | Promise<T>)[]): Promise<(Awaited<T> | null)[]>

  /**
   * Sends each item through the stages by itself: none waits for another item. A stage that gives `null`, or throws, ends
   * its item as `null`.
   */
  pipeline<Item, A>(items: readonly Item[], first: Stage<Item, Item, A>): Promise<(A | null)[]>
  pipeline<Item, A, B>(items: readonly Item[], first: Stage<Item, Item, A>, second: Stage<A, Item, B>): Promise<(B | null)[]>
  pipeline<Item, A, B, C>(
    items: readonly Item[],
    first: Stage<Item, Item, A>,
    second: Stage<A, Item, B>,
    third: Stage<B, Item, C>,
  ): Promise<(C | null)[]>
  pipeline<Item>(items: readonly Item[], ...stages: Stage<Json, Item, Json>[]): Promise<Json[]>

  /** Asks a person and waits, however long it takes. With `choices` the answer is one of them, else text. */
  checkpoint(question: string, options?: CallOptions & { readonly choices?: readonly string[] }): Promise<string>

  /**
   * Merges the branches of isolated calls into the work branches, in this order: of those whose promises or results (with a
   * schema) are given, or of all that are not merged yet. `null`: git or GitHub failed.
   */
  collect(calls?: readonly unknown[], options?: CallOptions): Promise<Collected | null>

  /** Runs another workflow of the repository, and gives what it returns. It cannot start a third. */
  workflow(name: string, args?: { readonly [name: string]: Json }): Promise<Json>

  /** Names the phase that what follows belongs to. */
  phase(title: string): void

  /** Adds a line to the log that the status comment shows. */
  log(message: Json): void
}

type Stage<Value, Item, Result> = (
  value: Exclude<Awaited<Value>, null>,
  item: Item,
  index: number,
) => Result | null | Promise<Result | null>
