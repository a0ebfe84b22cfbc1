/** Parts of the scripted agent's script. Which call is meant is told by words in the title of the issue. */
import type { AgentScriptInput } from '../agents/agent-script.ts'

type Call = AgentScriptInput['calls'][number]
type Action = Call['actions'][number]

/** What a role does for prompts with all of these words in them, as an issue's title; more conditions may be laid over it. */
export function call(role: string, words: string | string[], actions: Action[], when: Call['when'] = {}): Call {
  return { when: { role, promptIncludes: words, ...when }, actions }
}

/** The report of a job that went well. */
export function done(summary = 'Done as asked.', more: Record<string, unknown> = {}): Action {
  return { do: 'report', report: { status: 'success', summary, ...more } }
}

/** A planner's report: these repositories, in this order. */
export function plan(repositories: readonly string[], more: Record<string, unknown> = {}): Action {
  return done('A plan.', {
    plan: {
      summary: 'Writes down what was asked for.',
      repositories: repositories.map((repository, index) => ({
        repository,
        role: index === 0 ? 'provider' : 'consumer',
        why: 'It is where the note goes.',
      })),
      files: repositories.map((repository) => ({ repository, path: 'note.txt', change: 'new' })),
      risks: [],
      testPlan: ['Read the note.'],
      mergeOrder: [...repositories],
      openQuestions: [],
      ...more,
    },
  })
}

/** Writes a file and commits it. `folder`: the leg's, where there are several. */
export function change(path: string, content: string, folder?: string): Action[] {
  const where = folder === undefined ? {} : { in: folder }
  return [
    { do: 'write', ...where, path, content },
    { do: 'commit', ...where, message: `Write ${path}` },
  ]
}

/** A reviewer who has nothing to add. */
export const APPROVES: Call = {
  when: { role: 'reviewer' },
  actions: [done('Nothing to add.', { verdict: { rating: 0.9, summary: 'Good.', comments: [] } })],
}
