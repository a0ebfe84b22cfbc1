import { stringify } from 'yaml'
import { BUILT_IN_PIPELINES } from '../../src/config/built-in-pipelines.ts'
import { DEFAULT_PIPELINE, DEFAULT_PREFIX, DEFAULT_START_LABEL } from '../../src/config/defaults.ts'
import { stepConfigs } from '../../src/config/steps.ts'
import { STEP_KINDS } from '../../src/pipeline/definitions.ts'
import { code, generatedFrom, table } from './markdown.ts'

/** docs/pipelines.md: every built-in pipeline, from its definition. */
export function pipelinesPage(): string {
  const list = BUILT_IN_PIPELINES.map(({ name, summary, on }) => [
    `[${code(name)}](#${name})`,
    summary,
    `${code(name === DEFAULT_PIPELINE ? DEFAULT_START_LABEL : `${DEFAULT_START_LABEL}:${name}`)} on ${on === 'issue' ? 'an issue' : 'a pull request'}`,
  ])
  const each = BUILT_IN_PIPELINES.map(({ name, summary, steps }) => {
    const rows = stepConfigs(steps).map(({ id, kind }) => [
      code(id),
      `[${kind}](steps.md#${kind})`,
      STEP_KINDS.find((candidate) => candidate.kind === kind)?.summary ?? '',
    ])
    const yaml = stringify({ version: 1, pipelines: { [name]: steps } }, { flowCollectionPadding: true, lineWidth: 120 })
    return [
      `## ${name}`,
      summary,
      table(['Step', 'Kind', 'What it does'], rows),
      `<details><summary>As it would be written in <code>.github/switchyard.yml</code></summary>\n\n\`\`\`yaml\n${yaml}\`\`\`\n\n</details>`,
    ].join('\n\n')
  })
  return `${generatedFrom('src/config/built-in-pipelines.ts')}

# Pipelines

What a run goes through, step by step. These are built in; a pipeline of the same name in
[\`.github/switchyard.yml\`](configuration.md) takes the place of one, one of another name comes beside them. A label or
${code(`${DEFAULT_PREFIX} run <pipeline>`)} starts one.

On a pull request a run adopts what somebody made. A pipeline that only reads can run on any, also on one from a fork: it
pushes nothing. One that changes code must be named under ${code('onPullRequests')} in the configuration, as the built-in
${code('fix')} is: the pull request is its code, so no step has to make any first; it works on the author's own branch, never
force-pushes, keeps what people push meanwhile, and cannot merge. Title, text, draft state and branch stay the author's. A
branch in a fork, and the default branch, are never pushed to.

${table(['Pipeline', 'What it is for', 'Label'], list)}

What a step has nothing to do in is passed over and said to be: ${code('validate')} without commands, ${code('conflicts')},
${code('ci')} and ${code('review')} without an open pull request. After its last step a run that merged nothing is *ready*: its
pull requests are taken out of draft and left to people.

${each.join('\n\n')}
`
}
