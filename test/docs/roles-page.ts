import { readdirSync, readFileSync } from 'node:fs'
import { REQUIRED_FIELD, type ReportShape } from '../../src/contract/report.ts'
import { parseRole } from '../../src/roles/load-roles.ts'
import type { Role } from '../../src/roles/role.ts'
import { code, generatedFrom, table } from './markdown.ts'

const FOLDER = new URL('../../src/roles/prompts/', import.meta.url)

const SHAPES: Readonly<Record<ReportShape, string>> = {
  work: 'a summary, the checks it ran, notes per repository',
  plan: 'a plan: repositories with role and why, files, risks, test plan, merge order, open questions',
  verdict: 'a rating from 0 to 1, a summary, and remarks, each with its severity and place',
  estimate: 'complexity, risk and impact from 0 to 1, each with its reason',
  findings: 'what is open (gap, clarification, assumption, risk, question) with its severity, and the brief of the task',
  diagnosis: 'the cause of a bug, how sure it is, the evidence, how to see it, and the remedy',
  artefact: 'a document: title and Markdown',
  test: 'greenlight or not, what was tried and how it went, concerns with their severity',
  regression: 'how likely the change is the culprit, what to do (revert, hold, monitor), and the evidence',
  result: 'what a workflow asks for, in the shape that its script gives',
  threads: 'for each conversation: changed, rebutted or answered, and the reply',
}

/** docs/roles.md: every role, from the front matter of its prompt. */
export function rolesPage(): string {
  const roles = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.md'))
    .toSorted()
    .map((file) => parseRole(file, readFileSync(new URL(file, FOLDER), 'utf8')))
  const rows = roles.map(({ name, purpose, mode, report }: Role) => [
    `[${code(name)}](../src/roles/prompts/${name}.md)`,
    purpose,
    mode === 'code' ? '`code`: edits, pushes' : '`explore`: reads only',
    code(report),
  ])
  const shapes = Object.entries(SHAPES)
    .filter(([shape]) => roles.some(({ report }) => report === shape))
    .map(([shape, says]) => {
      const field = Object.entries(REQUIRED_FIELD).find(([name]) => name === shape)?.[1]
      return [code(shape), says, field === undefined ? '' : code(field)]
    })
  return `${generatedFrom('src/roles/prompts')}

# Roles

A role is what an agent is there for: a prompt, a mode, and the shape of the report it must leave. Who plays it (agent,
model, effort), what more it is told and when it counts as stuck is set under ${code('roles')} in
[\`.github/switchyard.yml\`](configuration.md). [Steps](steps.md) name the role that works in them.

${table(['Role', 'What it is there for', 'Mode', 'Report'], rows)}

## Reports

${table(['Shape', 'What it holds', 'Field of the report'], shapes)}

Every report has a status, too: success, partial, failed, nothing to do (with the reason), or a question with options that a
person decides. A report that cannot be read is asked for again once; then the job has failed. It is never taken for a pass.
`
}
