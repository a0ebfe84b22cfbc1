import type { LegKey } from '../contract/ids.ts'
import type { Leg, Step } from '../pipeline/model.ts'
import type { LegHead, StepOutput } from '../pipeline/outputs.ts'
import type { AsData } from './prompt.ts'

/** What a finished step yielded, for the steps after it. */
export function outputSection(step: Step, output: StepOutput, legs: Leg[], data: AsData, max: number): string {
  const heading = `## ${step.id}`
  switch (output.kind) {
    case 'plan':
      return [
        heading,
        `The plan, with hash \`${output.hash}\`:`,
        data(`plan ${output.hash}`, JSON.stringify(output.plan, null, 2), max),
      ].join('\n\n')
    case 'approval': {
      const said = `The plan \`${output.hash}\` was approved by ${output.by.replaceAll(/[^\w[\]-]/g, '')}.`
      return output.text === null
        ? [heading, said].join('\n\n')
        : [
            heading,
            `${said} With it came words that decide where they differ from the plan:`,
            data('words of the approver', output.text, max),
          ].join('\n\n')
    }
    case 'agent': {
      const checks = output.checks.map((check) => `${check.ok ? 'passed' : 'failed'}: ${check.command}`)
      const said = [output.noop ?? output.summary, ...checks, ...output.notes].join('\n')
      return [heading, headsSentence(output.heads, legs), data(`report of ${step.id}`, said, max)].join('\n\n')
    }
    case 'companion': {
      const { verdict } = output
      const text = JSON.stringify({ rating: verdict.rating, summary: verdict.summary, comments: verdict.comments }, null, 2)
      return [heading, headsSentence(output.heads, legs), data(`verdict of ${step.id}`, text, max)].join('\n\n')
    }
    case 'ci':
      return [heading, `${output.checks} checks were green. ${headsSentence(output.heads, legs)}`].join('\n\n')
    case 'merge':
      return [heading, `Merged. ${headsSentence(output.merged, legs)}`].join('\n\n')
    default: {
      const { kind, ...rest } = output
      return [heading, `Its result (${kind}):`, data(`result of ${step.id}`, JSON.stringify(rest, null, 2), max)].join('\n\n')
    }
  }
}

function headsSentence(heads: LegHead[], legs: Leg[]): string {
  if (heads.length === 0) return 'No head belongs to it.'
  const name = (key: LegKey) => legs.find((leg) => leg.key === key)?.repository ?? key
  return `Its heads: ${heads.map(({ leg, head }) => `${name(leg)} \`${head}\``).join(', ')}.`
}
