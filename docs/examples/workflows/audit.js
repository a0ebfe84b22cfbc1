/** @import { Workflow } from 'switchyard/workflow' */

export const meta = /** @type {const} */ ({
  name: 'audit',
  description:
    'Reads every part of the code for one question, has each finding doubted by another agent, and ends with a table.',
  phases: [{ title: 'Divide' }, { title: 'Look' }, { title: 'Doubt' }],
  arguments: {
    type: 'object',
    properties: {
      question: { type: 'string', description: 'What to look for: a deprecated call, a kind of bug.', minLength: 10 },
      severity: { type: 'string', enum: ['low', 'medium', 'high'], default: 'low', description: 'What is below is left out.' },
    },
    required: ['question'],
  },
})

const SEVERITIES = ['low', 'medium', 'high']

/** @param {Workflow<typeof meta>} workflow */
export default async function ({ agent, parallel, pipeline, phase, log, args }) {
  phase('Divide')
  const divided = await agent(
    `Divide the code of all repositories into at most twelve parts that one reader each can read for this question: ${args.question}`,
    {
      label: 'divide',
      schema: {
        type: 'object',
        properties: { parts: { type: 'array', items: { type: 'string' }, maxItems: 12 } },
        required: ['parts'],
      },
    },
  )
  if (divided === null) throw new Error('Nobody could divide the code.')

  const looked = await pipeline(
    divided.parts,
    (part) =>
      agent(`Read ${part}. ${args.question}\nName each place with what is wrong there. No places is a good answer.`, {
        label: part,
        phase: 'Look',
        schema: {
          type: 'object',
          properties: {
            findings: {
              type: 'array',
              maxItems: 30,
              items: {
                type: 'object',
                properties: {
                  repository: { type: 'string' },
                  path: { type: 'string' },
                  line: { type: 'integer' },
                  what: { type: 'string', maxLength: 300 },
                  severity: { enum: ['low', 'medium', 'high'] },
                },
                required: ['repository', 'path', 'line', 'what', 'severity'],
              },
            },
          },
          required: ['findings'],
        },
      }),
    (looked) =>
      parallel(
        looked.findings.map((finding) => async () => {
          const where = `${finding.path}:${finding.line}`
          const doubt = await agent(`Try to show that this is wrong: in ${finding.repository}, ${where}: ${finding.what}`, {
            label: where,
            phase: 'Doubt',
            repositories: [finding.repository],
            schema: { type: 'object', properties: { holds: { type: 'boolean' } }, required: ['holds'] },
          })
          return doubt?.holds === false ? null : finding
        }),
      ),
  )

  looked.forEach((found, index) => {
    if (found === null) log(`Nobody read ${divided.parts[index]}.`)
  })
  const least = SEVERITIES.indexOf(args.severity)
  const findings = looked
    .flatMap((found) => found ?? [])
    .filter((finding) => finding !== null)
    .filter(({ severity }) => SEVERITIES.indexOf(severity) >= least)
    .sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity))
  const rows = findings.map(
    ({ severity, repository, path, line, what }) => `| ${severity} | ${repository} | \`${path}:${line}\` | ${cell(what)} |`,
  )
  return {
    title: `Audit: ${args.question}`.slice(0, 120),
    markdown:
      rows.length === 0 ? 'Nothing was found.' : ['| | Repository | Where | What |', '|---|---|---|---|', ...rows].join('\n'),
  }
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
