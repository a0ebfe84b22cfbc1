/**
 * What the scripted agent does in a role that its script says nothing of: what leads a run on, so that a script tells only
 * of what its test is about. The planner, the coder, the reviewer and the fixer have no default: what they do is the test.
 */
import type { Action } from './agent-script.ts'

/** The actions of this role for this prompt; undefined where the role has no default. */
export function roleDefault(role: string, prompt: string): Action[] | undefined {
  const actions = DEFAULTS[role]
  return typeof actions === 'function' ? actions(prompt) : actions
}

function report(summary: string, more: Record<string, unknown> = {}): Action[] {
  return [{ do: 'report', report: { status: 'success', summary, ...more } }]
}

const axis = (value: number) => ({ value, why: 'It is small, and easily taken back.' })
const nothingOpen = report('Nothing is open.', { findings: { brief: 'The task, as it is written.', findings: [] } })
const artefact = report('Written.', {
  artefact: {
    title: 'What was found',
    markdown: '# What was found\n\nThe note is missing. Writing it is all there is to do.\n',
  },
})

const DEFAULTS: Readonly<Record<string, Action[] | ((prompt: string) => Action[])>> = {
  requirements: nothingOpen,
  clarity: nothingOpen,
  estimator: report('A small change.', { estimate: { complexity: axis(0.1), risk: axis(0.1), impact: axis(0.1) } }),
  investigator: report('The cause is found.', {
    diagnosis: {
      cause: 'The note is missing.',
      confidence: 0.9,
      evidence: [{ text: 'There is no file of that name.', path: 'note.txt' }],
      reproduction: 'Look for the note.',
      remedy: 'Write the note.',
    },
  }),
  writer: artefact,
  analyst: artefact,
  researcher: report('Nothing speaks against it.'),
  tester: report('It does what was asked.', {
    test: { greenlight: true, outcomes: [{ name: 'The note is there', ok: true }], concerns: [] },
  }),
  resolver: [{ do: 'merge-base', conflicts: 'ours' }, ...report('The base is merged.')],
  responder: (prompt) =>
    report('Every conversation is answered.', {
      threads: threadsIn(prompt).map((thread) => ({ thread, outcome: 'answered', reply: 'It is so on purpose.' })),
    }),
  oncall: report('Nothing points at this change.', {
    regression: { confidence: 0.2, recommendation: 'monitor', evidence: [{ text: 'One sign is bad, no log says why.' }] },
  }),
}

/** The ids of the conversations that the prompt shows. */
export function threadsIn(prompt: string): string[] {
  return [...new Set([...prompt.matchAll(/^## Conversation (\S+) in /gm)].map(([, id = '']) => id))]
}
