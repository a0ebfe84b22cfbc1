/** @import { Workflow } from 'switchyard/workflow' */

// What an editor says while a script is written: each mistake here must be one for the compiler.

export const meta = /** @type {const} */ ({
  name: 'mistakes',
  description: 'Mistakes that an editor shows.',
  arguments: {
    type: 'object',
    properties: { path: { type: 'string' }, most: { type: 'integer', default: 3 }, maybe: { type: 'boolean' } },
    required: ['path'],
  },
})

/** @param {Workflow<typeof meta>} workflow */
export default async function ({ agent, parallel, pipeline, checkpoint, budget, args }) {
  /** @type {[string, number, boolean | undefined]} */
  const known = [args.path, args.most, args.maybe]
  // @ts-expect-error no such argument
  known.push(args.paths)
  // @ts-expect-error no such option
  await agent('x', { rolle: 'coder' })
  // @ts-expect-error a word that is none of the two
  await agent('x', { mode: 'validate' })
  const read = await agent('x', {
    schema: {
      type: 'object',
      properties: { kind: { enum: ['a', 'b'] }, lines: { type: 'array', items: { type: 'integer' } } },
      required: ['kind'],
    },
  })
  // @ts-expect-error it may be null
  known.push(read.kind)
  // @ts-expect-error it is 'a' or 'b'
  if (read?.kind === 'c') return null
  /** @type {number[] | undefined} */
  const lines = read?.lines
  // @ts-expect-error functions, not promises
  await parallel([agent('x')])
  const lengths = await pipeline(['a', 'bb'], (text) => text.length)
  // @ts-expect-error a number or null
  lengths[0]?.toUpperCase()
  // @ts-expect-error read only
  budget.spent = 0
  // @ts-expect-error no such option
  await checkpoint('Go on?', { choice: ['Yes', 'No'] })
  return { known, lines }
}
