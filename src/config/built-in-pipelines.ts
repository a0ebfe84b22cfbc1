/**
 * The pipelines that exist without a file (STP-19), written as a person would write them in `.github/switchyard.yml`. A
 * file's pipeline of the same name takes the place of one.
 */
import type { StepFile } from './file.ts'

/** A built-in pipeline. */
export interface BuiltInPipeline {
  name: string
  /** One sentence for the reference docs. */
  summary: string
  /** What it is started on. */
  on: 'issue' | 'pull request'
  steps: StepFile[]
}

const CODE: StepFile = { id: 'code', kind: 'agent' }
/** From the reviewed code to the merge, with people in between. */
const TO_MERGE: readonly StepFile[] = [
  { kind: 'companion' },
  { kind: 'validate' },
  { kind: 'conflicts' },
  { kind: 'ci' },
  { kind: 'review' },
  { kind: 'merge' },
]

export const BUILT_IN_PIPELINES: readonly BuiltInPipeline[] = [
  {
    name: 'default',
    summary: 'Asks what is open, plans, waits for an approval of exactly that plan, and takes the change to its merge.',
    on: 'issue',
    steps: [{ kind: 'questions' }, { kind: 'plan' }, { kind: 'approval', required: true }, CODE, ...TO_MERGE],
  },
  {
    name: 'quick',
    summary: 'Codes and keeps the checks green; its pull requests are left to people, ready to be reviewed and merged.',
    on: 'issue',
    steps: [CODE, { kind: 'ci' }],
  },
  {
    name: 'bugfix',
    summary: 'Finds the cause of a bug and shows it, asks what the diagnosis leaves open, then mends it.',
    on: 'issue',
    steps: [{ kind: 'investigate' }, { id: 'clarity', kind: 'questions', role: 'clarity' }, CODE, ...TO_MERGE],
  },
  {
    name: 'unattended',
    summary:
      'Without people where the merge policy allows it: estimates, plans what is more than small, codes, and merges; what the policy does not allow waits for a person.',
    on: 'issue',
    steps: [
      { kind: 'estimate' },
      { kind: 'plan', when: { complexity: 0.3, risk: 0.3, impact: 0.3 } },
      CODE,
      { kind: 'companion' },
      { kind: 'validate' },
      { kind: 'conflicts' },
      { kind: 'ci' },
      { kind: 'merge', by: 'policy' },
    ],
  },
  {
    name: 'review',
    summary: 'Reviews a pull request and changes nothing: a verdict, with its remarks at the lines they are about.',
    on: 'pull request',
    steps: [
      {
        kind: 'agent',
        id: 'review',
        role: 'reviewer',
        mode: 'explore',
        assignment:
          'Review the pull request that the task names. What is to be graded is the difference between its base branch and its head.',
      },
    ],
  },
  {
    name: 'fix',
    summary:
      "Brings a pull request into order on its own branch: resolves its conflicts, answers the remarks that are open, and mends its red checks. It stays its author's to merge.",
    on: 'pull request',
    // The checks come last: what the steps before them pushed is checked too, and on a conflict most do not even begin.
    steps: [{ kind: 'conflicts' }, { kind: 'review', until: 'answered' }, { kind: 'ci' }],
  },
  {
    name: 'tech-debt',
    summary: 'Looks into a part of the code, files what it found as an issue of its own, then pays the debt back.',
    on: 'issue',
    steps: [
      {
        id: 'analysis',
        kind: 'document',
        role: 'analyst',
        assignment:
          'Analyse the technical debt that the task is about: where it is, what it costs, what would remove it, in which order, and how one would see that nothing else changed.',
      },
      { kind: 'ticket', labels: ['tech-debt'] },
      {
        ...CODE,
        assignment:
          'Remove the debt as the analysis says, in its order. Behaviour stays as it is: the tests that were there stay green, and unchanged unless the analysis says otherwise.',
      },
      ...TO_MERGE,
    ],
  },
  {
    name: 'dependencies',
    summary: 'Brings dependencies up to date and adapts the code to them; small updates merge by policy.',
    on: 'issue',
    steps: [
      {
        ...CODE,
        assignment:
          "Bring the dependencies that the task names up to date, or, where it names none, every one that has a newer release within its major version. Use the package manager of the repository, so that its lock file follows. Read the release notes of what you raise, adapt the code to what they changed, and run the repository's tests. Touch nothing else.",
      },
      { kind: 'companion' },
      { kind: 'validate' },
      { kind: 'conflicts' },
      { kind: 'ci' },
      { kind: 'merge', by: 'policy' },
    ],
  },
  {
    name: 'docs',
    summary: 'Writes the text first and has it graded, then puts it into the repository.',
    on: 'issue',
    steps: [
      {
        id: 'draft',
        kind: 'document',
        assignment:
          "Write the documentation that the task asks for, for the people who will read it. Check every statement against the code. Say at the top in which file it belongs; keep to the tone and form of the repository's other documentation.",
      },
      { id: 'draft-review', kind: 'companion' },
      {
        ...CODE,
        assignment:
          'Put the text of the draft into the repository, where it says that it belongs, and link it from where its readers would look. Change documentation and comments only, no code.',
      },
      ...TO_MERGE,
    ],
  },
  {
    name: 'plan',
    summary: 'Only a plan: which repositories, which files, which risks, in which order.',
    on: 'issue',
    steps: [{ kind: 'plan' }],
  },
]
