/** @import { Workflow } from 'switchyard/workflow' */

export const meta = /** @type {const} */ ({
  name: 'migrate',
  description:
    'Changes many files, each in a worktree of its own and reviewed, and collects them into one pull request per repository.',
  phases: [
    { title: 'Find', detail: 'Which files are to be changed' },
    { title: 'Migrate', detail: 'One agent per file' },
    { title: 'Review', detail: 'Several reviewers per file, who do not know of one another' },
    { title: 'Collect', detail: 'Into one branch per repository' },
  ],
  arguments: {
    type: 'object',
    properties: {
      change: { type: 'string', description: 'What is to be changed, in a sentence.', minLength: 10 },
      reviewers: { type: 'integer', description: 'Reviewers per file.', minimum: 1, maximum: 5, default: 2 },
      most: { type: 'integer', description: 'Files at most, in one run.', minimum: 1, maximum: 200, default: 40 },
    },
    required: ['change'],
  },
})

/** @param {Workflow<typeof meta>} workflow */
export default async function ({ agent, parallel, pipeline, phase, log, checkpoint, collect, budget, args }) {
  phase('Find')
  const found = await agent(
    `List every file that this change concerns, in all repositories: ${args.change}\nLeave out files that are as they should be.`,
    {
      label: 'find files',
      schema: {
        type: 'object',
        properties: {
          files: {
            type: 'array',
            items: {
              type: 'object',
              properties: { repository: { type: 'string' }, path: { type: 'string' }, why: { type: 'string' } },
              required: ['repository', 'path', 'why'],
            },
          },
        },
        required: ['files'],
      },
    },
  )
  if (found === null) throw new Error('Nobody could list the files.')
  if (found.files.length === 0) return { markdown: 'No file needs the change.' }

  const files = found.files.slice(0, args.most)
  if (files.length < found.files.length) {
    const answer = await checkpoint(
      `${found.files.length} files need the change; one run does ${args.most}. Begin with those?`,
      {
        choices: ['Begin', 'Do nothing'],
        label: 'how many',
      },
    )
    if (answer !== 'Begin') return { markdown: 'Nothing was changed.' }
  }

  const migrated = await pipeline(
    files,
    (file) =>
      agent(
        `${args.change}\nDo it in ${file.path} and in nothing that does not follow from it. Why it is concerned: ${file.why}\n` +
          'Run the tests that are near. Report what you did, and the change as `git diff` prints it.',
        {
          label: file.path,
          phase: 'Migrate',
          isolation: 'worktree',
          repositories: [file.repository],
          schema: {
            type: 'object',
            properties: { summary: { type: 'string' }, diff: { type: 'string', maxLength: 40_000 } },
            required: ['summary', 'diff'],
          },
        },
      ),
    async (work, file) => {
      const verdicts = await parallel(
        Array.from(
          { length: args.reviewers },
          (_, reviewer) => () =>
            agent(
              `Somebody was asked: ${args.change}\nReview what they did to ${file.path}, as reviewer ${reviewer + 1}:\n${work.diff}`,
              {
                label: `${file.path}, reviewer ${reviewer + 1}`,
                phase: 'Review',
                repositories: [file.repository],
                schema: {
                  type: 'object',
                  properties: { good: { type: 'boolean' }, why: { type: 'string' } },
                  required: ['good', 'why'],
                },
              },
            ),
        ),
      )
      const objections = verdicts.filter((verdict) => verdict !== null && !verdict.good)
      for (const objection of objections) log(`${file.path}: ${objection?.why}`)
      return objections.length === 0 && verdicts.some((verdict) => verdict !== null) ? work : null
    },
  )

  phase('Collect')
  const good = migrated.filter((work) => work !== null)
  const collected = await collect(good, { label: 'collect' })
  const rows = files.map((file, index) => `| ${file.path} | ${migrated[index] === null ? 'left as it was' : 'changed'} |`)
  return {
    title: args.change,
    markdown: [
      `${collected?.merged ?? 0} of ${files.length} files were changed, for $${budget.spent.toFixed(2)}.`,
      ['| File | |', '|---|---|', ...rows].join('\n'),
    ].join('\n\n'),
  }
}
