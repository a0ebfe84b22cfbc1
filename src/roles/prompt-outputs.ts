import type { LegKey } from '../contract/ids.ts'
import type { Run, Step } from '../pipeline/model.ts'
import type { LegHead, StepOutput } from '../pipeline/outputs.ts'
import type { AsData } from './as-data.ts'
import {
  agentText,
  diagnosisText,
  estimateText,
  parallelText,
  questionsText,
  releaseText,
  testText,
  verdictText,
} from './output-text.ts'

/** What a finished step yielded, for the steps after it, in so many characters of text by others at the most. */
export function outputSection(step: Step, output: StepOutput, run: Run, data: AsData, max: number): string {
  return [`## ${step.id}`, ...partsOf(step, output, run, data, max)].join('\n\n')
}

function partsOf({ id }: Step, output: StepOutput, run: Run, data: AsData, max: number): string[] {
  const heads = (of: LegHead[]) => headsSentence(of, run)
  switch (output.kind) {
    case 'plan':
      return [`The plan, with hash \`${output.hash}\`:`, data(`plan ${output.hash}`, JSON.stringify(output.plan, null, 2), max)]
    case 'approval': {
      const noun = nounOf(run, output.hash)
      const said = `The ${noun} \`${output.hash}\` was approved by ${login(output.by)}.`
      if (output.text === null) return [said]
      return [
        `${said} With it came words that decide where they differ from the ${noun}:`,
        data('words of the approver', output.text, max),
      ]
    }
    case 'agent':
      return [heads(output.heads), data(`report of ${id}`, agentText(output), max)]
    case 'companion':
      return [heads(output.heads), data(`verdict of ${id}`, verdictText(output.verdict), max)]
    case 'estimate':
      return [`The estimate, from 0 to 1. ${heads(output.heads)}`, data(`estimate of ${id}`, estimateText(output), max)]
    case 'questions':
      return output.settled.length === 0
        ? ['Nothing was unclear.']
        : [
            'What was unclear, and what people said to it. An answer decides where it differs from the brief:',
            data(`questions and answers of ${id}`, questionsText(output), max),
          ]
    case 'diagnosis':
      return ['What was found out about the bug:', data(`diagnosis of ${id}`, diagnosisText(output), max)]
    case 'artefact': {
      const { title, markdown } = output.artefact
      return [`The document, with hash \`${output.hash}\`:`, data(`document ${output.hash}`, `# ${title}\n\n${markdown}`, max)]
    }
    case 'test': {
      const by = output.by === 'tester' ? 'a tester said that it may go on' : 'a person said that it may go on'
      return [
        `After ${counted(output.rounds, 'round')} ${by}. ${heads(output.heads)}`,
        data(`test report of ${id}`, testText(output), max),
      ]
    }
    case 'validate': {
      const ran = output.checks.map(({ command, ok }) => `${ok ? 'passed' : 'failed'}: ${command}`)
      return [`The configured commands ran. ${heads(output.heads)}`, data(`commands of ${id}`, ran.join('\n'), max)]
    }
    case 'conflicts':
      return [`No conflict with the base branches is left; resolved on the way: ${output.resolved}. ${heads(output.heads)}`]
    case 'ci': {
      const red = output.accepted.map(({ leg, name }) => `${nameOf(run, leg)}: ${name}`)
      const green = `${output.checks - red.length} checks were green. ${heads(output.heads)}`
      if (red.length === 0) return [green]
      return [green, 'These are red, and a person went on with them:', data(`accepted checks of ${id}`, red.join('\n'), max)]
    }
    case 'review': {
      const by = output.approvedBy.length === 0 ? 'nobody' : output.approvedBy.map(login).join(', ')
      return [
        `People reviewed it: approved by ${by}, ${counted(output.answered, 'conversation')} answered. ${heads(output.heads)}`,
      ]
    }
    case 'merge':
      return [`Merged. ${heads(output.merged)}`]
    case 'release': {
      const health = { healthy: 'It is healthy.', 'no-data': 'Nothing was seen of it.', regressed: 'Something turned bad.' }
      return [`The release was watched. ${health[output.health]}`, data(`signals of ${id}`, releaseText(output), max)]
    }
    case 'ticket': {
      const { repository, number, title, url } = output
      return ['An issue was filed:', data(`issue of ${id}`, `${repository}#${number}: ${title}\n${url}`, max)]
    }
    case 'deploy': {
      const lines = output.deployments.map(({ leg, head, environment, url }) => {
        return `${nameOf(run, leg)} at ${head} in ${environment}: ${url ?? 'no address was given'}`
      })
      return ['The work is deployed, and can be tried out there:', data(`deployments of ${id}`, lines.join('\n'), max)]
    }
    case 'workflow':
      return [
        `The workflow \`${output.workflow}\` ran. ${heads(output.heads)}`,
        data(`result of ${id}`, [output.title, output.text].filter((part) => part !== null).join('\n\n'), max),
      ]
    case 'parallel':
      return [
        'Several agents explored at the same time:',
        ...output.results.map((result) =>
          data(`result of ${result.id}, ${result.role}`, parallelText(result), max / output.results.length),
        ),
      ]
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function login(name: string): string {
  return name.replaceAll(/[^\w[\]-]/g, '')
}

/** What an approval was for: its hash says. */
function nounOf(run: Run, hash: string): string {
  return run.steps.some(({ output }) => output?.kind === 'artefact' && output.hash === hash) ? 'document' : 'plan'
}

function nameOf(run: Run, key: LegKey): string {
  return run.legs.find((leg) => leg.key === key)?.repository ?? key
}

function headsSentence(heads: LegHead[], run: Run): string {
  if (heads.length === 0) return 'No head belongs to it.'
  return `Its heads: ${heads.map(({ leg, head }) => `${nameOf(run, leg)} \`${head}\``).join(', ')}.`
}
