/** Reports of the roles, and what people do again and again, for the tests of the pipelines. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { AgentScriptInput } from '../../agents/agent-script.ts'
import type { Yard } from '../harness.ts'
import { done } from '../script.ts'
import type { Task } from '../task.ts'

type Call = AgentScriptInput['calls'][number]
type Action = Call['actions'][number]

/** A reader of the task with these questions. */
export function asks(...questions: string[]): Action {
  const findings = questions.map((text) => ({ kind: 'question', severity: 'medium', text }))
  return done('Read.', { findings: { brief: 'The task, with everything settled in it.', findings } })
}

/** A reviewer's verdict, with a remark where there is one. */
export function rates(rating: number, remark?: string): Action {
  const comments = remark === undefined ? [] : [{ body: remark, severity: 'medium' }]
  return done('Looked at.', { verdict: { rating, summary: remark ?? 'Good.', comments } })
}

/** An estimate, in the order complexity, risk, impact. */
export function estimates(...[complexity, risk, impact]: [number, number, number]): Action {
  const axis = (value: number) => ({ value, why: 'So it looks.' })
  return done('Estimated.', { estimate: { complexity: axis(complexity), risk: axis(risk), impact: axis(impact) } })
}

/** Notes that this call was done: a line more in a file among the signals. */
export function tally(signals: string, name: string): Action {
  return { do: 'run', argv: ['sh', '-c', 'echo once >> "$0"', path.join(signals, name)] }
}

/** How often it was done. */
export async function tallied(yard: Pick<Yard, 'signalFile'>, name: string): Promise<number> {
  const text = await readFile(yard.signalFile(name), 'utf8').catch(() => '')
  return text.split('\n').length - 1
}

/** Waits for the plan and approves it by its hash. */
export async function approve(task: Task, login = 'hubot'): Promise<void> {
  task.comment(login, `/yard approve ${await task.planHash()}`)
}

/** The one pull request of the run in the task's repository, waited for. */
export async function pullOf(waitFor: <T>(look: () => T | undefined, what: string) => Promise<T>, task: Task) {
  return waitFor(() => task.pulls(task.repository)[0], 'the pull request')
}
