/** What exploring agents report, for the core's tests. */
import type { JobResult } from '../../../src/contract/job.ts'
import type { Artefact, Finding } from '../../../src/contract/report.ts'
import type { Drive } from './drive.ts'
import { finished, reported } from './results.ts'

/** An estimator's report. */
export function estimated(complexity: number, risk: number, impact: number): JobResult {
  const axis = (value: number) => ({ value, why: 'so it seems' })
  return reported({ estimate: { complexity: axis(complexity), risk: axis(risk), impact: axis(impact) } })
}

/** Findings by `severity: text`. */
export function aFinding(severity: Finding['severity'], text: string): Finding {
  return { kind: 'question', severity, text }
}

/** A reader's report: the brief, and what is open. */
export function readTask(findings: Finding[] = [], brief = 'Show the tax.'): JobResult {
  return reported({ findings: { brief, findings } })
}

export function anArtefact(change: Partial<Artefact> = {}): Artefact {
  return { title: 'Taxes', markdown: '## What it is\n\nA tax is shown.', ...change }
}

/** A writer's report. */
export function written(artefact: Artefact = anArtefact()): JobResult {
  return reported({ artefact })
}

/** An investigator's report. */
export function diagnosed(cause = 'The tax is added twice.'): JobResult {
  return reported({
    diagnosis: { cause, confidence: 0.9, evidence: [{ text: 'here', path: 'src/cart.js', line: 3 }], remedy: 'Add it once.' },
  })
}

/** An agent that ends with a question instead of a result. */
export function undecided(question = 'Cents or euros?', options: string[] = ['Cents', 'Euros']): JobResult {
  return finished({ status: 'needs-decision', nonce: '0123456789abcdef', summary: 'Cannot tell.', question, options })
}

/** Holds the run and lets it go on. */
export function pauseAndResume(run: Drive): void {
  run.say('command.pause', { why: '', cause: 'person' })
  run.say('command.resume', {})
}
