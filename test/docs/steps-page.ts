import { stepJsonSchema } from '../../src/config/publish.ts'
import { STEP_KINDS } from '../../src/pipeline/definitions.ts'
import type { Wait } from '../../src/pipeline/model.ts'
import type { StepOutput } from '../../src/pipeline/outputs.ts'
import { code, generatedFrom, table } from './markdown.ts'
import { Node, OPTION_HEAD, optionRows } from './schema-table.ts'

/** What a schema does not say of a kind. */
interface About {
  yields: StepOutput['kind']
  waits: (Exclude<Wait['for'], 'retry' | 'person' | 'outside'> | Extract<Wait, { for: 'outside' | 'person' }>['what'])[]
}

/** By kind; `docs.test.ts` holds the waits against what the kinds' files say. */
export const ABOUT: Readonly<Record<string, About>> = {
  plan: { yields: 'plan', waits: ['job'] },
  agent: { yields: 'agent', waits: ['job', 'effect'] },
  approval: { yields: 'approval', waits: ['approve'] },
  companion: { yields: 'companion', waits: ['job', 'cap'] },
  ci: { yields: 'ci', waits: ['effect', 'checks', 'job', 'evidence'] },
  review: { yields: 'review', waits: ['effect', 'review', 'job', 'cap', 'evidence'] },
  merge: { yields: 'merge', waits: ['merge', 'job', 'effect', 'mergeability'] },
  estimate: { yields: 'estimate', waits: ['job'] },
  questions: { yields: 'questions', waits: ['job', 'answers', 'cap'] },
  investigate: { yields: 'diagnosis', waits: ['job'] },
  document: { yields: 'artefact', waits: ['job'] },
  parallel: { yields: 'parallel', waits: ['jobs'] },
  test: { yields: 'test', waits: ['job', 'effect', 'cap', 'evidence'] },
  validate: { yields: 'validate', waits: ['job', 'cap', 'evidence'] },
  conflicts: { yields: 'conflicts', waits: ['effect', 'mergeability', 'job', 'cap', 'evidence'] },
  ticket: { yields: 'ticket', waits: ['effect'] },
  deploy: { yields: 'deploy', waits: ['effect', 'deployment'] },
  workflow: { yields: 'workflow', waits: ['calls', 'checkpoint', 'effect'] },
  release: { yields: 'release', waits: ['effect', 'release', 'job', 'regression'] },
}

const WAITS: Readonly<Record<About['waits'][number], string>> = {
  job: "an agent's job",
  jobs: "several agents' jobs at once",
  calls: "its script's calls, each an agent's job",
  effect: "GitHub's answer",
  checks: 'checks',
  mergeability: 'GitHub to decide whether the pull requests can merge',
  review: 'reviewers',
  deployment: 'the deployment',
  release: 'the release to prove itself',
  approve: 'a person who approves',
  cap: 'a person, when its attempts are used up',
  evidence: 'a person, when the same evidence comes back on an unchanged head',
  merge: 'a person who merges',
  answers: 'people who answer',
  decision: 'a person who decides',
  regression: 'a person who looks at a regression',
  checkpoint: "a person who answers its script's question",
}

const YIELDS: Readonly<Record<StepOutput['kind'], string>> = {
  plan: 'the plan, with its short hash',
  agent: 'a summary, the checks that the agent ran, the heads it pushed; of a reviewer, the verdict',
  approval: 'who approved which hash, and the words beside it',
  companion: 'the verdict that let the work pass',
  ci: 'the heads whose checks are green',
  merge: 'what was merged, at which head',
  estimate: 'complexity, risk and impact, 0 to 1, each with its reason',
  questions: "the task's brief, and how each question was settled",
  diagnosis: 'the cause, how sure it is, the evidence and the remedy',
  artefact: 'the document itself, with its short hash',
  test: "the tester's report that let the change pass",
  validate: 'how each command ended',
  conflicts: 'the heads that merge cleanly',
  review: 'who approved which heads, and how many conversations were answered',
  release: 'healthy, no data, or regressed, with what was seen',
  ticket: "the issue's number and address",
  deploy: 'the address of each deployment',
  parallel: "each agent's summary",
  workflow: 'what the script gave back, and how many calls each phase had',
}

/** docs/steps.md: every step kind, from its definition and its schema. */
export function stepsPage(): string {
  const kinds = STEP_KINDS.map(({ kind, summary }) => {
    const about = ABOUT[kind]
    if (about === undefined) throw new Error(`${kind} is not described in test/docs/steps-page.ts`)
    const node = Node.parse(stepJsonSchema(kind))
    const own = Object.entries(node.properties ?? {}).filter(([key]) => !SHARED.includes(key))
    const options = optionRows({ ...node, properties: Object.fromEntries(own) })
    return [
      `## ${kind}`,
      summary,
      `It yields ${YIELDS[about.yields]}. It waits for ${about.waits.map((wait) => WAITS[wait]).join('; ')}.`,
      options.length === 0 ? 'It takes no options of its own.' : table(OPTION_HEAD, options),
    ].join('\n\n')
  })
  return `${generatedFrom('src/pipeline/steps')}

# Steps

A pipeline is a list of steps; ${code('pipelines')} in [\`.github/switchyard.yml\`](configuration.md) writes one, and
[the built-in ones](pipelines.md) are written the same way. Whatever the kind, a step takes:

${table(OPTION_HEAD, shared())}

Companions stand directly after the step they grade, a gated step (${code('when')}) after an estimate, a release after the
merge; a pipeline has one merge at most, and at least one step is enabled. A [role](roles.md) can be put in place of
another where its report has the same shape.

An agent that fails is tried again by itself as its cause allows; a wait for a person never ends by itself, it is escalated
once. Any step can wait for a person's decision when its agent asks for one instead of ending.

${kinds.join('\n\n')}
`
}

const SHARED = ['id', 'kind', 'enabled', 'required', 'when']

function shared(): string[][] {
  const properties = Node.parse(stepJsonSchema('plan')).properties ?? {}
  const chosen = SHARED.filter((key) => key !== 'kind').map((key) => [key, properties[key]])
  return optionRows({ properties: Object.fromEntries(chosen) })
}
